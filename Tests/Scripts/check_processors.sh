#!/bin/sh
# The engine on processors that this machine is not: without AVX-512, and without AVX at all, emulated by
# QEMU (Debian: qemu-user). After `swift build --build-tests`; about two minutes.
#
#   sh Tests/Scripts/check_processors.sh
set -eu
command -v qemu-x86_64 >/dev/null || { echo "qemu-x86_64 is missing: apt install qemu-user" >&2; exit 1; }
filter='ParityEngineTests|KernelsAttentionTests|KernelsElementwiseTests'
log=$(mktemp)
trap 'rm -f "$log"' EXIT
for processor in Haswell-noTSX Nehalem; do
    echo "== $processor"
    qemu-x86_64 -cpu "$processor" .build/debug/reflux doctor 2>/dev/null |
        grep -E 'instruction sets|precision'
    qemu-x86_64 -cpu "$processor" .build/debug/refluxPackageTests.xctest \
        --testing-library swift-testing --filter "$filter" >"$log" 2>&1 ||
        { grep -E 'issue|error' "$log"; exit 1; }
    grep 'Test run with' "$log"
done
