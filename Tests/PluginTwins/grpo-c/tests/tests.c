/* The optimizer against the mock host; that it is a twin is for Tests/RefluxPluginHostTests. */
#include <reflux/testing.h>

static void check(reflux_mock *mock, const char *settings) {
    reflux_mock_instance grpo =
        reflux_mock_create(mock, REFLUX_KIND_POLICY_OPTIMIZER, "grpo-c", settings);
    const uint64_t lengths[] = {3, 0, 5, 2};
    const uint64_t groups[] = {0, 0, 1, 1};
    const double rewards[] = {1, 0, 0.5, 0.25};
    reflux_rollout_batch *rollouts = reflux_mock_rollouts(mock, 4, lengths, groups, rewards, 1);
    reflux_mock_advantages estimate = reflux_mock_estimate(&grpo, rollouts);
    reflux_loss_batch *batch = reflux_mock_update(mock, rollouts, estimate, 0.1, 2);
    REFLUX_EXPECT(estimate.status == REFLUX_OK);
    REFLUX_EXPECT(reflux_mock_check_derivatives(&grpo, batch, 0));
    REFLUX_EXPECT(reflux_mock_check_shares(&grpo, batch));
    reflux_mock_destroy(&grpo);
}

int main(void) {
    reflux_mock mock;
    reflux_mock_init(&mock);
    REFLUX_EXPECT(reflux_mock_start(&mock, reflux_plugin_entry_v1()) == REFLUX_OK);
    check(&mock, "{}");
    check(&mock, "{\"kl_coefficient\":0,\"aggregation\":\"token\"}");
    check(&mock, "{\"entropy_coefficient\":0.01,\"dual_clip\":3}");
    reflux_mock_stop(&mock);
    return reflux_test_result("grpo-c");
}
