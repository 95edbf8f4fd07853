#!/bin/sh
# Builds and tests every shipped plugin and a project from every template in C and C++, all warnings as
# errors, with sanitizers. Needs no reflux.
#
#   sh Tests/CRefluxPlugin/check-projects.sh [FOLDER]     # FOLDER: for the products
set -eu

root=$(cd "$(dirname "$0")/../.." && pwd)
include="$root/Sources/CRefluxPlugin/include"
warnings="-Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror"

work=${1:-}
if [ -z "$work" ]; then
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
fi

build() { # FOLDER OUT
    make -s -C "$1" test library OUT="$2" REFLUX_INCLUDE="$include" WARNINGS="$warnings"
}

for plugin in "$root"/Plugins/*/; do
    # Plugins in other languages have their own tests.
    if [ -f "$plugin/tests/test_plugin.c" ] || [ -f "$plugin/tests/test_plugin.cpp" ]; then
        build "$plugin" "$work/plugins"
    fi
done

for language in c cpp; do
    for template in "$root/Templates/$language"/*/; do
        kind=$(basename "$template")
        [ "$kind" = common ] && continue
        project="$work/$language-$kind"
        mkdir -p "$project"
        cp -R "$root/Templates/$language/common/." "$template/." "$project/"
        find "$project" -type f -exec sed -i \
            -e "s/{{id}}/my-part/g; s/{{symbol}}/my_part/g; s/{{Module}}/MyPart/g" \
            -e "s/{{title}}/My part/g; s/{{kind}}/$kind/g; s|{{include}}|$include|g" \
            -e "s/{{author}}/An author/g; s/{{year}}/2026/g" {} +
        if grep -rn '{{' "$project"; then
            echo "$language $kind: a placeholder is left" >&2
            exit 1
        fi
        printf '%s %s: ' "$language" "$kind"
        build "$project" "$project/build"
    done
done

${CC:-cc} -std=c11 $warnings -I"$include" -o "$work/open_test" \
    "$root/Tests/CRefluxPlugin/open_test.c" -lm -ldl -lpthread
"$work/open_test" $(find "$work" -name '*.so')
