#!/bin/sh
# Writes a copy of today's header as the next minor may be: one more service at the end of reflux_host
# and one more field at the end of the structs that go to plugins.
#
#   sh grow.sh TODAYS_INCLUDE FOLDER
set -eu
from=$1/reflux to=$2/reflux
mkdir -p "$to"
cp "$from"/*.h "$to"

# Adds a field at the end of a struct.
add() {
    file=$to/$1 struct=$2 field=$3
    sed "s/^} $struct;\$/    $field\n&/" "$file" > "$file.new"
    if cmp -s "$file" "$file.new"; then
        echo "grow.sh: $1 has no struct $struct" >&2
        exit 1
    fi
    mv "$file.new" "$file"
}

minor=$(sed -n 's/^#define REFLUX_ABI_MINOR \([0-9]*\)$/\1/p' "$to/abi.h")
sed "s/^#define REFLUX_ABI_MINOR .*/#define REFLUX_ABI_MINOR $((minor + 1))/" "$to/abi.h" > "$to/new"
mv "$to/new" "$to/abi.h"
add host.h reflux_host 'int32_t (*grown_service)(reflux_call *call);'
add plugin.h reflux_creation 'uint64_t grown_field;'
add data.h reflux_prompt 'uint64_t grown_field;'
add data.h reflux_response 'uint64_t grown_field;'
add pseudo_reward_rule.h reflux_group 'uint64_t grown_field;'
add pseudo_reward_rule.h reflux_judgement 'uint64_t grown_field;'
add policy_optimizer.h reflux_rollout_batch 'uint64_t grown_field;'
add policy_optimizer.h reflux_advantages 'uint64_t grown_field;'
add policy_optimizer.h reflux_loss_batch 'uint64_t grown_field;'
add policy_optimizer.h reflux_loss 'uint64_t grown_field;'
add policy_optimizer.h reflux_optimizer_traits 'uint64_t grown_field;'
