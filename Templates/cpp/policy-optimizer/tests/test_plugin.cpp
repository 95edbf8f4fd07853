/* Tests of {{id}} on a mock host, which checks every call against the promises of the boundary. */
#include "reflux/reflux.h"
#include "reflux/testing.h"

static reflux_mock mock;

static void test_baseline() {
    static const uint64_t lengths[] = { 2, 3, 1 };
    static const uint64_t groups[] = { 0, 0, 1 };
    static const double rewards[] = { 1, 0, 0.5 };
    static const double wanted[] = { 0.5, 0.5, -0.5, -0.5, -0.5, 0 };
    reflux_mock_instance optimizer =
        reflux_mock_create(&mock, REFLUX_KIND_POLICY_OPTIMIZER, "{{id}}", NULL);
    reflux_rollout_batch *rollouts =
        reflux_mock_rollouts(&mock, 3, lengths, groups, rewards, 1);
    reflux_mock_advantages estimate = reflux_mock_estimate(&optimizer, rollouts);
    for (int token = 0; token < 6; token += 1) {
        REFLUX_EXPECT_NEAR(estimate.advantages[token], wanted[token], 1e-7);
    }
    reflux_loss_batch *update = reflux_mock_update(&mock, rollouts, estimate, 0.1, 2);
    REFLUX_EXPECT(reflux_mock_check_derivatives(&optimizer, update, 0));
    REFLUX_EXPECT(reflux_mock_check_shares(&optimizer, update));
    reflux_mock_destroy(&optimizer);
}

static void test_rewards_that_are_no_numbers() {
    static const uint64_t length = 2, group = 0;
    static const double reward = NAN;
    reflux_mock_instance optimizer = reflux_mock_create(
        &mock, REFLUX_KIND_POLICY_OPTIMIZER, "{{id}}", "{\"epochs\": 3}");
    REFLUX_EXPECT(reflux_mock_traits(&optimizer).epochs == 3);
    reflux_rollout_batch *rollouts =
        reflux_mock_rollouts(&mock, 1, &length, &group, &reward, 1);
    REFLUX_EXPECT(reflux_mock_estimate(&optimizer, rollouts).status == REFLUX_ERROR);
    REFLUX_EXPECT_TEXT(reflux_mock_error(&mock), "the reward of sequence 0 is nan");
    reflux_mock_destroy(&optimizer);
}

int main() {
    for (int host = 0; host < 2; host += 1) {
        reflux_mock_init(&mock);
        /* The second host offers as little as it may, but for cancelling. */
        if (host == 1) {
            reflux_mock_leave_out(&mock, REFLUX_MOCK_EVERYTHING & ~REFLUX_MOCK_CANCELLATION);
        }
        REFLUX_EXPECT(reflux_mock_start(&mock, reflux_plugin_entry_v1()) == REFLUX_OK);
        test_baseline();
        test_rewards_that_are_no_numbers();
        reflux_mock_stop(&mock);
    }
    return reflux_test_result("{{id}}");
}
