#!/usr/bin/env bash
# What an author of plugins does, with an installed Reflux and outside its source tree: every shipped
# plugin is tested, built and checked, every template is created, built, tested and checked, and the
# tutorials are executed.
#
#   Tests/Scripts/check-plugins.sh PREFIX WORK
#
# PREFIX is where `make install` put Reflux, WORK an empty folder. Languages whose compiler is missing
# are named and left out.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
prefix=$(realpath "$1")
mkdir -p "$2"
work=$(realpath "$2")
export PATH="$prefix/bin:$PATH" REFLUX="$prefix/bin/reflux" REFLUX_INCLUDE="$prefix/include"
export REFLUX_RUST="$prefix/share/reflux/rust"
# All Swift projects share what they build of the kit.
export SCRATCH="$work/.swift"
kinds="pseudo-reward-rule policy-optimizer task-evaluator teacher-source reward-model"
languages="c cpp rust swift"
command -v rustc >/dev/null || { languages="c cpp swift"; echo "left out: rust (there is no rustc)"; }
done=0
# The shared folder holds the plan of the last package only: a new one needs a new plan.
forget_plan() { rm -f "$SCRATCH"/*.yaml "$SCRATCH"/*/*/description.json "$SCRATCH"/workspace-state.json; }
quietly() { # WHAT COMMAND…
    what=$1
    shift
    if ! "$@" >"$work/log" 2>&1; then
        cat "$work/log"
        echo "FAILED: $what"
        exit 1
    fi
    done=$((done + 1))
}
cp -R "$root/Plugins" "$work/Plugins"
for project in "$work"/Plugins/*/; do
    name=$(basename "$project")
    if ls "$project"src/*.rs >/dev/null 2>&1 && ! command -v rustc >/dev/null; then continue; fi
    if [ -f "$project/Package.swift" ]; then
        forget_plan
        sed -i "s|path: \"[^\"]*Templates/kit\"|path: \"$prefix/share/reflux/kit\"|" "$project/Package.swift"
    fi
    quietly "make test of the plugin $name" make --no-print-directory -C "$project" test
    quietly "make check of the plugin $name" make --no-print-directory -C "$project" check
    echo "plugin $name: $(tail -1 "$work/log")"
done
for language in $languages; do
    for kind in $kinds; do
        name="try-$language-$kind"
        cd "$work"
        [ "$language" != swift ] || forget_plan
        quietly "reflux plugin new $name" reflux plugin new "$name" --language "$language" --kind "$kind"
        quietly "make of $name" make --no-print-directory -C "$name"
        quietly "make test of $name" make --no-print-directory -C "$name" test
        quietly "make check of $name" make --no-print-directory -C "$name" check
        echo "template $language $kind: $(tail -1 "$work/log")"
    done
done
for page in tutorial-c tutorial-swift; do
    if [ "$page" = tutorial-c ] || command -v swift >/dev/null; then
        forget_plan
        start=$SECONDS
        quietly "docs/plugins/$page.md" "$root/Tests/Scripts/run-tutorial.sh" \
            "$root/docs/plugins/$page.md" "$work/$page"
        echo "$page.md: every command ran, in $((SECONDS - start)) s"
    fi
done
echo "$done steps passed"
