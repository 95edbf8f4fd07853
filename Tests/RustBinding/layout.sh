#!/bin/sh
# Holds the Rust binding against the C header: every layout!(…) of Templates/rust/reflux/abi becomes
# static assertions in C, and every struct of the header has to have one.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
include=$root/Sources/CRefluxPlugin/include
CC=${CC:-cc}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# layout!(name, size, field offset, …), over several lines, becomes one line of words.
cat "$root"/Templates/rust/reflux/abi/*.rs | tr '\n' ' ' | grep -o 'layout!( *reflux_[^)]*)' \
    | sed 's/layout!(//; s/)//; s/,/ /g' > "$work/layouts"
awk '{
    printf "_Static_assert(sizeof(%s) == %s, \"size of %s\");\n", $1, $2, $1
    for (i = 3; i < NF; i += 2) {
        printf "_Static_assert(offsetof(%s, %s) == %s, \"%s.%s\");\n", $1, $i, $(i + 1), $1, $i
    }
}' "$work/layouts" > "$work/assertions"
{ echo '#include <reflux/reflux.h>'; cat "$work/assertions"; } > "$work/layouts.c"
"$CC" -std=c11 -I"$include" -fsyntax-only "$work/layouts.c"

# Only the boundary counts, not the helpers and the mock host beside it.
for header in abi data host plugin policy_optimizer pseudo_reward_rule reward_model \
    task_evaluator teacher_source; do
    sed -n 's/^typedef struct \(reflux_[a-z_]*\) {$/\1/p' "$include/reflux/$header.h"
done | sort > "$work/wanted"
awk '{ print $1 }' "$work/layouts" | sort > "$work/found"
diff "$work/wanted" "$work/found"
# As many fields as in C.
while read -r name size fields; do
    count=$(($(echo "$fields" | wc -w) / 2))
    in_header=$(awk -v name="$name" '
        $0 == "typedef struct " name " {" { inside = 1; next }
        inside && $0 == "} " name ";" { print fields; exit }
        inside { line = $0; gsub(/\/\*.*\*\//, "", line)
            if (line ~ /^ *(\/\*|\*)/) next
            if (line ~ /;$/) fields += 1 }' "$include"/reflux/*.h)
    [ "$count" = "$in_header" ] || { echo "$name: $count fields, $in_header in C" >&2; exit 1; }
done < "$work/layouts"
echo "$(wc -l < "$work/found") structs, $(wc -l < "$work/assertions") assertions"
