#!/bin/sh
# Installs the named Debian packages if this user may, and otherwise says exactly what is missing.
# Nothing is done, and nothing is asked of the network, when all are there.
set -u
missing=""
for package in "$@"; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q "ok installed" ||
        missing="$missing $package"
done
if ! command -v swift >/dev/null 2>&1; then
    echo "error: no 'swift' in PATH; wanted Swift 6.3 or later. See https://www.swift.org/install/linux/." >&2
    exit 1
fi
[ -z "$missing" ] && exit 0
if ! command -v apt-get >/dev/null 2>&1; then
    echo "error: missing system libraries:$missing. Install your distribution's equivalents of these Debian packages." >&2
    exit 1
fi
if [ "$(id -u)" = 0 ]; then
    as_root=""
elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
    as_root="sudo"
else
    echo "error: missing system libraries:$missing. Run: sudo apt-get install$missing" >&2
    exit 1
fi
echo "installing$missing" >&2
{ $as_root apt-get update -qq && $as_root apt-get install -y -qq --no-install-recommends $missing; } >&2 || {
    echo "error: apt-get could not install:$missing. Run it by hand to see why: apt-get install$missing" >&2
    exit 1
}
