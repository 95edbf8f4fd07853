#!/bin/sh
# A small run of every stage, killed with SIGKILL once half-way and resumed: its table must equal the
# table of an uninterrupted run. Usage: end-to-end.sh PATH_TO_REFLUX
set -eu
reflux=$1
runs=$(mktemp -d)
trap 'rm -rf "$runs"' EXIT
"$reflux" run Examples/smoke.yaml --runs "$runs" --set run.name=whole >"$runs/whole.txt"
"$reflux" run Examples/smoke.yaml --runs "$runs" --set run.name=cut >/dev/null 2>&1 &
pid=$!
# The warm-up has begun when its folder is there.
while kill -0 $pid 2>/dev/null && [ ! -d "$runs/cut/warmup" ]; do sleep 0.05; done
kill -9 $pid 2>/dev/null || { echo "error: the run ended before it could be killed" >&2; exit 1; }
wait $pid 2>/dev/null || true
"$reflux" resume "$runs/cut" >"$runs/cut.txt"
cat "$runs/whole.txt"
for artefact in result.json reinforce/rollouts.jsonl reinforce/model/model.safetensors; do
    cmp "$runs/whole/$artefact" "$runs/cut/$artefact"
done
echo "killed and resumed: the same results, rollouts and weights"
