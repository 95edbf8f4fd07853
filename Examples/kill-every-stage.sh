#!/bin/sh
# Kills a run with SIGKILL once in the midst of every stage, resumes it each time, and compares what
# comes out with an uninterrupted run: the same table, rollouts and weights, bit for bit.
# Usage: kill-every-stage.sh PATH_TO_REFLUX RUN_FILE FINISHED_RUN SCRATCH_FOLDER [OVERRIDE…]
# FINISHED_RUN is the folder of an uninterrupted run of the same file and overrides.
set -eu
reflux=$1 file=$2 whole=$3 runs=$4
shift 4
cut="$runs/cut"
begin() { "$reflux" run "$file" --runs "$runs" --set run.name=cut "$@" >/dev/null 2>>"$runs/log"; }
mkdir -p "$runs"
for stage in prepare teach label warmup sample reward reinforce evaluate; do
    begin "$@" &
    pid=$!
    while kill -0 $pid 2>/dev/null && [ ! -f "$cut/$stage/begun.json" ]; do sleep 0.02; done
    # Long stages are killed after a while, so that there is something to go on from.
    case $stage in prepare | warmup | reinforce) sleep 12 ;; teach | reward) sleep 3 ;; *) sleep 0.2 ;; esac
    if [ -f "$cut/$stage/stage.json" ]; then
        echo "$stage: ended before it could be killed"
    else
        # The background job is a shell; its child is the program.
        pkill -9 -P $pid 2>/dev/null || kill -9 $pid 2>/dev/null || true
        echo "$stage: killed"
    fi
    pkill -9 -P $pid 2>/dev/null || true
    wait $pid 2>/dev/null || true
done
"$reflux" resume "$cut"
for artefact in result.json reinforce/rollouts.jsonl reinforce/model/model.safetensors; do
    cmp "$whole/$artefact" "$cut/$artefact"
done
echo "killed in every stage and resumed: the same table, rollouts and weights"
