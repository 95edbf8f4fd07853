#!/bin/sh
# Runs one run file with the rule and the optimizer built in, as C plugins, as Swift plugins, and as
# plugins in processes of their own, and compares what comes out: the same labels, rollouts, weights
# and table, bit for bit.
# Usage: plugin-twins.sh PATH_TO_REFLUX RUN_FILE TWINS SCRATCH_FOLDER [OVERRIDE…]
# TWINS is the folder with the built twins of Tests/PluginTwins.
set -eu
reflux=$1 file=$2 twins=$3 runs=$4
shift 4
run() { # NAME ARGUMENTS…
    name=$1
    shift
    "$reflux" run "$file" --runs "$runs" --set "run.name=$name" "$@" >"$runs/$name.txt" 2>"$runs/$name.log" || {
        tail -5 "$runs/$name.log" >&2
        exit 1
    }
}
plugins() { # LANGUAGE ISOLATION
    echo "plugins=[{use: $twins/majority-$1, isolation: $2}, {use: $twins/grpo-$1, isolation: $2}]"
}
mkdir -p "$runs"
run built-in "$@"
cat "$runs/built-in.txt"
for way in c:none swift:none c:process swift:process; do
    language=${way%:*} isolation=${way#*:}
    name="$language-$isolation"
    run "$name" "$@" --set "$(plugins "$language" "$isolation")" \
        --set "label.use=majority-$language" --set "reinforce.use=grpo-$language"
    for artefact in result.json reinforce/rollouts.jsonl reinforce/model/model.safetensors; do
        cmp "$runs/built-in/$artefact" "$runs/$name/$artefact"
    done
    # Responses name their model by its path, which has the name of the run in it.
    for run in built-in "$name"; do
        sed "s|/$run/prepare/|/RUN/prepare/|" "$runs/$run/label/labelled.jsonl" >"$runs/$run.labels"
    done
    cmp "$runs/built-in.labels" "$runs/$name.labels"
    echo "$language plugins, isolation $isolation: the same labels, rollouts, weights and table"
done
