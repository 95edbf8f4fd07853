// Tests of REINFORCE++ on the mock host.
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "reflux/reflux.h"
#include "reflux/testing.h"

namespace {

reflux_mock mock;

reflux_mock_instance make(const char *configuration) {
    return reflux_mock_create(
        &mock, REFLUX_KIND_POLICY_OPTIMIZER, "reinforce-plus-plus", configuration);
}

/// Two prompts with two responses each, of 2, 3, 0 and 4 tokens.
reflux_rollout_batch *rollouts(std::uint64_t seed) {
    static const std::uint64_t lengths[] = {2, 3, 0, 4};
    static const std::uint64_t groups[] = {0, 0, 1, 1};
    static const double rewards[] = {1, 0, 0.5, -0.25};
    return reflux_mock_rollouts(&mock, 4, lengths, groups, rewards, seed);
}

const char *const configurations[] = {
    "{}",
    "{\"kl\": \"in_loss\", \"kl_coefficient\": 0.3}",
    "{\"group_baseline\": true, \"aggregation\": \"sequence\", \"clip_low\": 0.1}",
    "{\"discount\": 0.9, \"kl_coefficient\": 0.2, \"aggregation\": \"sequence\"}",
    "{\"kl_coefficient\": 0, \"epochs\": 3}",
};

void test_derivatives_and_shares() {
    for (const char *configuration : configurations) {
        reflux_mock_instance instance = make(configuration);
        for (std::uint64_t seed = 1; seed <= 6; seed += 1) {
            reflux_rollout_batch *batch = rollouts(seed);
            reflux_mock_advantages estimate = reflux_mock_estimate(&instance, batch);
            reflux_loss_batch *update =
                reflux_mock_update(&mock, batch, estimate, seed % 2 == 0 ? 0.1 : 0.6, seed + 100);
            REFLUX_EXPECT(reflux_mock_check_derivatives(&instance, update, 1));
            REFLUX_EXPECT(reflux_mock_check_shares(&instance, update));
        }
        reflux_mock_destroy(&instance);
    }
}

/// Mean 0 and deviation 1 over all tokens, whatever the settings.
void test_normalisation() {
    for (const char *configuration : configurations) {
        reflux_mock_instance instance = make(configuration);
        reflux_mock_advantages estimate = reflux_mock_estimate(&instance, rollouts(3));
        double sum = 0, squares = 0;
        for (std::uint64_t token = 0; token < estimate.count; token += 1) {
            const double advantage = static_cast<double>(estimate.advantages[token]);
            sum += advantage;
            squares += advantage * advantage;
        }
        REFLUX_EXPECT_NEAR(sum / 9, 0, 1e-6);
        REFLUX_EXPECT_NEAR(squares / 9, 1, 1e-6);
        REFLUX_EXPECT(estimate.returns == nullptr);
        reflux_mock_destroy(&instance);
    }
}

void test_traits() {
    reflux_mock_instance instance = make("{\"kl_coefficient\": 0, \"epochs\": 3}");
    reflux_optimizer_traits traits = reflux_mock_traits(&instance);
    REFLUX_EXPECT(traits.epochs == 3 && !traits.needs_reference && !traits.needs_values);
    reflux_mock_destroy(&instance);
    instance = make("{}");
    REFLUX_EXPECT(reflux_mock_traits(&instance).needs_reference);
    reflux_mock_destroy(&instance);
}

void test_returns() {
    // With beta = 1 and gamma = 0.5: r = (-0.5, 0.25 + 1); A = (0.125, 1.25), before normalising.
    static const std::uint64_t lengths[] = {2, 1};
    static const std::uint64_t groups[] = {0, 0};
    static const double rewards[] = {1, 0};
    static const float old_logprobs[] = {-1, -1.5f, -2};
    static const float reference[] = {-1.5f, -1.25f, -2};
    reflux_mock_instance instance = make("{\"discount\": 0.5, \"kl_coefficient\": 1}");
    reflux_rollout_batch *batch =
        reflux_mock_rollouts(&mock, 2, lengths, groups, rewards, 1);
    batch->old_logprobs = reflux_mock_floats(&mock, old_logprobs, 3);
    batch->reference_logprobs = reflux_mock_floats(&mock, reference, 3);
    reflux_mock_advantages estimate = reflux_mock_estimate(&instance, batch);
    const double raw[] = {0.125, 1.25, 0};
    const double mean = 1.375 / 3;
    double variance = 0;
    for (double number : raw) { variance += (number - mean) * (number - mean) / 3; }
    for (int token = 0; token < 3; token += 1) {
        REFLUX_EXPECT_NEAR(
            estimate.advantages[token], (raw[token] - mean) / std::sqrt(variance), 1e-6);
    }
    REFLUX_EXPECT_NEAR(reflux_mock_metric(&mock, "kl_penalty"), 0.125, 1e-12);
    REFLUX_EXPECT_NEAR(reflux_mock_metric(&mock, "reward_mean"), 0.5, 1e-12);
    reflux_mock_destroy(&instance);
}

void test_odd_batches() {
    reflux_mock_instance instance = make("{\"group_baseline\": true, \"kl_coefficient\": 0}");
    static const std::uint64_t length = 3, group = 0;
    static const double reward = 1;
    reflux_rollout_batch *none =
        reflux_mock_rollouts(&mock, 0, nullptr, nullptr, nullptr, 1);
    reflux_mock_advantages estimate = reflux_mock_estimate(&instance, none);
    REFLUX_EXPECT(estimate.status == REFLUX_OK && estimate.count == 0);
    reflux_loss_batch *empty = reflux_mock_update(&mock, none, estimate, 0.1, 1);
    REFLUX_EXPECT_NEAR(reflux_mock_compute_loss(&instance, empty).value, 0, 0);
    // A group of one has nothing to be compared with.
    reflux_rollout_batch *one = reflux_mock_rollouts(&mock, 1, &length, &group, &reward, 1);
    estimate = reflux_mock_estimate(&instance, one);
    for (int token = 0; token < 3; token += 1) {
        REFLUX_EXPECT_NEAR(estimate.advantages[token], 0, 0);
    }
    reflux_mock_destroy(&instance);
}

void test_numbers_that_are_none() {
    reflux_mock_instance instance = make("{}");
    static const double rewards[] = {1, std::numeric_limits<double>::quiet_NaN(), 0, 0};
    reflux_rollout_batch *batch = rollouts(1);
    reflux_mock_advantages estimate = reflux_mock_estimate(&instance, batch);
    reflux_loss_batch *update = reflux_mock_update(&mock, batch, estimate, 0.1, 1);
    batch->rewards = rewards;
    REFLUX_EXPECT(reflux_mock_estimate(&instance, batch).status == REFLUX_ERROR);
    REFLUX_EXPECT_TEXT(
        reflux_mock_error(&mock), "the reward of sequence 1 is nan; wanted a finite number");
    const std::vector<float> far(9, 1000);
    update->logprobs = reflux_mock_floats(&mock, far.data(), 9);
    REFLUX_EXPECT(reflux_mock_compute_loss(&instance, update).status == REFLUX_ERROR);
    REFLUX_EXPECT(
        std::string(reflux_mock_error(&mock)).find("lower the learning rate") != std::string::npos);
    reflux_mock_destroy(&instance);
}

}  // namespace

int main() {
    for (int host = 0; host < 2; host += 1) {
        reflux_mock_init(&mock);
        if (host == 1) { reflux_mock_shorten(&mock); }
        REFLUX_EXPECT(reflux_mock_start(&mock, reflux_plugin_entry_v1()) == REFLUX_OK);
        test_derivatives_and_shares();
        test_normalisation();
        test_traits();
        test_odd_batches();
        test_numbers_that_are_none();
        if (host == 0) { test_returns(); }
        reflux_mock_stop(&mock);
    }
    return reflux_test_result("reinforce-plus-plus");
}
