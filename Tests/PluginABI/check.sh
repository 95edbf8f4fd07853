#!/bin/sh
# The compatibility proof without the real host: see README.md. Leaves the plugins in FOLDER.
#
#   sh check.sh [FOLDER]
set -eu
here=$(cd "$(dirname "$0")" && pwd)
today=$(cd "$here/../../Sources/CRefluxPlugin/include" && pwd)
work=${1:-}
if [ -z "$work" ]; then
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
fi
CC=${CC:-cc}
flags="-std=c11 -fPIC -Wall -Wextra -Werror"
mkdir -p "$work"

fail() {
    echo "check.sh: $1" >&2
    exit 1
}

(cd "$here/minor0" && sha256sum --quiet --check SHA256SUMS) || fail "the recipe of minor 0 changed"
[ "$(grep -c . "$here/minor0/SHA256SUMS")" = 12 ] || fail "not everything of minor 0 is pinned"
echo "minor 0: header and plugin are the pinned ones"

sh "$here/grow.sh" "$today" "$work/grown"
"$CC" $flags -shared -I"$here/minor0/include" -o "$work/old.so" "$here/minor0/plugin.c"
for minor in 0 2; do
    "$CC" $flags -shared -I"$work/grown" -DMIN_HOST_MINOR=$minor -o "$work/newer$minor.so" \
        "$here/newer.c"
done
"$CC" $flags -I"$today" -o "$work/today" "$here/driver.c" -ldl
"$CC" $flags -DGROWN -I"$work/grown" -o "$work/next" "$here/driver.c" -ldl

"$work/today" "$work/old.so" > "$work/old.today" || fail "the old plugin fails in today's host"
"$work/next" "$work/old.so" > "$work/old.next" || fail "the old plugin fails in the next host"
cmp "$work/old.today" "$here/minor0/expected.txt" || fail "today's host gives other results"
cmp "$work/old.next" "$here/minor0/expected.txt" || fail "the next host gives other results"
echo "old plugin: the same in today's host and in the next one"

"$work/today" "$work/newer0.so" > "$work/newer.today" || fail "the newer plugin fails today"
grep -qx -- '-1 metric service' "$work/newer.today" || fail "it found a service that is not there"
grep -qx -- '-1 metric field' "$work/newer.today" || fail "it found a field that is not there"
"$work/next" "$work/newer0.so" > "$work/newer.next" || fail "the newer plugin fails in its host"
grep -qx '42 metric service' "$work/newer.next" || fail "it did not find the new service"
grep -qx '4711 metric field' "$work/newer.next" || fail "it did not find the new field"
echo "newer plugin: does without what an older host lacks"

if "$work/today" "$work/newer2.so" > "$work/newer.refused"; then
    fail "a plugin that needs a newer host was not refused"
fi
grep -q '^refused: it needs minor 2' "$work/newer.refused" || fail "it was refused for another reason"
"$work/next" "$work/newer2.so" > "$work/newer2.next" || fail "it fails in a host that is new enough"
echo "newer plugin that needs a newer host: refused"
