/* Everything a plugin needs. */
#ifndef REFLUX_H
#define REFLUX_H

#include "abi.h"
#include "data.h"
#include "host.h"
#include "plugin.h"
#include "policy_optimizer.h"
#include "pseudo_reward_rule.h"
#include "reward_model.h"
#include "task_evaluator.h"
#include "teacher_source.h"

#endif
