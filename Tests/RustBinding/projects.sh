#!/bin/sh
# Runs the Rust binding's own tests, makes a project of every template, runs its tests and builds its
# library at FOLDER/KIND/my-part/…, and the plugin answer-entropy at FOLDER/answer-entropy/….
#
#   RUSTC=rustc sh projects.sh FOLDER
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
work=$1
RUSTC=${RUSTC:-rustc}
export RUSTC
mkdir -p "$work"

"$RUSTC" --edition 2021 -D warnings --test --crate-name reflux -o "$work/binding" \
    "$root/Templates/rust/reflux.rs"
"$work/binding" --quiet

for kind in pseudo-reward-rule policy-optimizer task-evaluator teacher-source reward-model; do
    project=$work/project-$kind
    mkdir -p "$project"
    cp -R "$root/Templates/rust/common/." "$root/Templates/rust/$kind/." "$project"
    find "$project" -type f -exec sed -i \
        -e "s/{{id}}/my-part/g" -e "s/{{symbol}}/my_part/g" -e "s/{{Module}}/MyPart/g" \
        -e "s/{{title}}/My part/g" -e "s,{{rust}},$root/Templates/rust,g" -e "s/{{kind}}/$kind/g" \
        -e "s/{{author}}/A. Author/g" -e "s/{{year}}/2026/g" {} +
    if grep -rnE '\{\{[A-Za-z_]+\}\}' "$project"; then
        echo "projects.sh: the template of $kind has placeholders that nobody fills" >&2
        exit 1
    fi
    make -s -C "$project" test library OUT="$work/$kind" MODE='-C opt-level=0'
    mkdir -p "$work/$kind/my-part/tests"
    cp "$project"/tests/* "$work/$kind/my-part/tests"
done
make -s -C "$root/Plugins/answer-entropy" test library OUT="$work"
