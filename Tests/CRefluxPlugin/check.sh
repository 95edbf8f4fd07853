#!/bin/sh
# Checks the C header of the plugin boundary: every header alone, the pinned layout, and the tests of
# the helpers and the mock host, as C11 and C++17, with gcc and clang, all warnings as errors.
#
#   sh Tests/CRefluxPlugin/check.sh [FOLDER]     # FOLDER: for the products; a temporary one otherwise
#
# CC, CXX, CLANG, CLANGXX name the compilers; a clang that is not there is left out, with a word.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
include=$(cd "$here/../../Sources/CRefluxPlugin/include" && pwd)
CC=${CC:-cc} CXX=${CXX:-c++} CLANG=${CLANG:-clang} CLANGXX=${CLANGXX:-clang++}
warnings="-Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wshadow -Werror"

work=${1:-}
if [ -z "$work" ]; then
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
fi
cd "$work"

c_compilers=$CC cxx_compilers=$CXX
if command -v "$CLANG" >/dev/null && command -v "$CLANGXX" >/dev/null; then
    c_compilers="$CC $CLANG" cxx_compilers="$CXX $CLANGXX"
else
    echo "no $CLANG: checked with $CC and $CXX only"
fi

for header in "$include"/reflux/*.h; do
    name=$(basename "$header")
    printf '#include "reflux/%s"\ntypedef int reflux_not_empty;\n' "$name" > alone.c
    cp alone.c alone.cpp
    for compiler in $c_compilers; do
        $compiler -std=c11 $warnings -I"$include" -fsyntax-only alone.c
    done
    for compiler in $cxx_compilers; do
        $compiler -std=c++17 $warnings -I"$include" -fsyntax-only alone.cpp
    done
done
echo "headers: each is whole by itself"

for compiler in $c_compilers; do
    $compiler -std=c11 $warnings -I"$include" -fsyntax-only "$here/layout.c"
done
for compiler in $cxx_compilers; do
    $compiler -std=c++17 $warnings -I"$include" -fsyntax-only "$here/layout.cpp"
done
echo "layout: nothing has moved"

sanitize="-g -fsanitize=address,undefined -fno-sanitize-recover=all"
for test in json_test mock_test; do
    for compiler in $c_compilers; do
        $compiler -std=c11 $warnings -I"$include" -fsyntax-only "$here/$test.c"
    done
    for compiler in $cxx_compilers; do
        $compiler -x c++ -std=c++17 $warnings -I"$include" -fsyntax-only "$here/$test.c"
    done
    $CC -std=c11 $sanitize -I"$include" -o "$test-c" "$here/$test.c" -lm -ldl -lpthread
    "./$test-c"
    $CXX -x c++ -std=c++17 $sanitize -I"$include" -o "$test-cxx" "$here/$test.c" -lm -ldl -lpthread
    "./$test-cxx"
done
