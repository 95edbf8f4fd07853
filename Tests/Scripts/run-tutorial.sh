#!/usr/bin/env bash
# Executes the shell commands of a page of the documentation, in an empty folder outside the tree.
#
#   Tests/Scripts/run-tutorial.sh docs/plugins/tutorial-c.md FOLDER
#
# What counts are the blocks that begin with ```sh; a command that fails ends it.
set -euo pipefail
page=$(realpath "$1")
mkdir -p "$2"
cd "$2"
awk '/^```sh$/ { on = 1; next } /^```$/ { on = 0 } on { print }' "$page" > commands.sh
bash -euo pipefail -x commands.sh
