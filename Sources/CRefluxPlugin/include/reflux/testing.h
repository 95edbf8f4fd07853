/* A host for the tests of a plugin: all services, inputs that must stay unchanged, outputs that are
 * NaN beforehand and stand between guard zones, and everything that the plugin said. Header-only,
 * in C11 and C++17; it needs neither Reflux nor a library.
 *
 *     #include "reflux/testing.h"
 *
 *     int main(void) {
 *         reflux_mock mock;
 *         reflux_mock_init(&mock);
 *         REFLUX_EXPECT(reflux_mock_start(&mock, reflux_plugin_entry_v1()) == REFLUX_OK);
 *         reflux_mock_instance rule = reflux_mock_create(
 *             &mock, REFLUX_KIND_PSEUDO_REWARD_RULE, "my-rule", "{\"min_share\": 0.5}");
 *         reflux_group *group = reflux_mock_group(&mock, "What is 2 + 2?");
 *         reflux_mock_teacher(&mock, group, "4");
 *         reflux_mock_student(&mock, group, "5");
 *         reflux_mock_judgement judgement = reflux_mock_judge(&rule, group);
 *         REFLUX_EXPECT_TEXT(judgement.label, "4");
 *         REFLUX_EXPECT_NEAR(judgement.rewards[1], 0, 0);
 *         reflux_mock_destroy(&rule);
 *         reflux_mock_stop(&mock);
 *         return reflux_test_result("my-rule");
 *     }
 *
 * Every call is checked against the boundary's promises; a broken one is printed and is a failure
 * of the test. Settings that a test leaves out have the defaults of the schema. Everything that the
 * mock gives out lives until reflux_mock_stop. The functions of the mock are for one thread; its
 * services are for any. */
#ifndef REFLUX_TESTING_H
#define REFLUX_TESTING_H

#include "testing_check.h"
#include "testing_host.h"
#include "testing_instance.h"
#include "testing_memory.h"
#include "testing_optimizer.h"
#include "testing_reward.h"
#include "testing_rule.h"
#include "testing_task.h"
#include "testing_teacher.h"

#endif
