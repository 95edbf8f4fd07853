#include "reinforce.hpp"

#include <algorithm>
#include <cmath>
#include <unordered_map>
#include <vector>

namespace {

/// Refuses what would poison the weights, and says where it is.
template <typename Number>
void check_finite(const char *what, const Number *numbers, std::uint64_t count) {
    for (std::uint64_t index = 0; index < count; index += 1) {
        if (std::isfinite(numbers[index])) { continue; }
        throw std::domain_error(
            std::string(what) + " " + std::to_string(index) + " is "
            + std::to_string(numbers[index]) + "; wanted a finite number");
    }
}

void check_offsets(const std::uint64_t *offsets, std::uint64_t sequences, std::uint64_t tokens) {
    bool rising = offsets[0] == 0 && offsets[sequences] == tokens;
    for (std::uint64_t index = 0; index < sequences; index += 1) {
        rising = rising && offsets[index] <= offsets[index + 1];
    }
    if (!rising) { throw std::domain_error("the offsets do not divide the tokens"); }
}

/// The mean reward of each group.
class GroupMeans {
public:
    explicit GroupMeans(const reflux_rollout_batch &batch) {
        for (std::uint64_t index = 0; index < batch.sequence_count; index += 1) {
            Sum &sum = sums_[batch.groups[index]];
            sum.total += batch.rewards[index];
            sum.count += 1;
        }
    }
    double operator[](std::uint64_t group) const {
        const Sum &sum = sums_.at(group);
        return sum.total / sum.count;
    }

private:
    struct Sum {
        double total = 0;
        double count = 0;
    };
    std::unordered_map<std::uint64_t, Sum> sums_;
};

double mean_of(const std::vector<double> &numbers) {
    double sum = 0;
    for (double number : numbers) { sum += number; }
    return numbers.empty() ? 0 : sum / static_cast<double>(numbers.size());
}

/// (A - mean) / (deviation + floor), with the deviation of the whole population; zeros where all
/// are equal. Returns the deviation.
double normalise(std::vector<double> &advantages, double floor) {
    const bool constant = std::all_of(advantages.begin(), advantages.end(), [&](double advantage) {
        return advantage == advantages.front();
    });
    if (constant) {
        std::fill(advantages.begin(), advantages.end(), 0.0);
        return 0;
    }
    const double mean = mean_of(advantages);
    double squares = 0;
    for (double advantage : advantages) { squares += (advantage - mean) * (advantage - mean); }
    const double deviation = std::sqrt(squares / static_cast<double>(advantages.size()));
    for (double &advantage : advantages) { advantage = (advantage - mean) / (deviation + floor); }
    return deviation;
}

bool chooses(plugin::Settings &settings, const char *key, std::string_view second) {
    return settings.text(key) == second;
}

}  // namespace

Reinforce::Reinforce(plugin::Settings &settings)
    : clip_low_(settings.number("clip_low")),
      clip_high_(settings.number("clip_high")),
      discount_(settings.number("discount")),
      kl_coefficient_(settings.number("kl_coefficient")),
      kl_in_loss_(chooses(settings, "kl", "in_loss")),
      group_baseline_(settings.boolean("group_baseline")),
      deviation_floor_(settings.number("deviation_floor")),
      by_sequence_(chooses(settings, "aggregation", "sequence")),
      epochs_(settings.integer("epochs")) {}

void Reinforce::get_traits(reflux_call *, reflux_optimizer_traits *out) const {
    out->needs_reference = kl_coefficient_ > 0;
    out->epochs = static_cast<std::uint32_t>(epochs_);
}

void Reinforce::compute_advantages(
    reflux_call *call, const reflux_rollout_batch *batch, const reflux_advantages *out) const {
    check_offsets(batch->offsets, batch->sequence_count, batch->token_count);
    check_finite("the reward of sequence", batch->rewards, batch->sequence_count);
    if (charges_reward()) {
        check_finite("the log-probability of token", batch->old_logprobs, batch->token_count);
        check_finite(
            "the reference's log-probability of token", batch->reference_logprobs,
            batch->token_count);
    }
    const GroupMeans means(*batch);
    std::vector<double> advantages(batch->token_count);
    double penalty = 0;
    for (std::uint64_t sequence = 0; sequence < batch->sequence_count; sequence += 1) {
        const double baseline = group_baseline_ ? means[batch->groups[sequence]] : 0;
        double ahead = batch->rewards[sequence] - baseline;
        const std::uint64_t first = batch->offsets[sequence];
        const std::uint64_t last = batch->offsets[sequence + 1];
        for (std::uint64_t token = last; token > first; token -= 1) {
            const std::uint64_t at = token - 1;
            if (token < last) { ahead *= discount_; }
            if (charges_reward()) {
                const double k1 = static_cast<double>(batch->old_logprobs[at])
                    - static_cast<double>(batch->reference_logprobs[at]);
                ahead -= kl_coefficient_ * k1;
                penalty += kl_coefficient_ * k1;
            }
            advantages[at] = ahead;
        }
    }
    const double deviation = normalise(advantages, deviation_floor_);
    std::transform(
        advantages.begin(), advantages.end(), out->advantages,
        [](double advantage) { return static_cast<float>(advantage); });

    const double sequences = std::max<double>(1, static_cast<double>(batch->sequence_count));
    double rewards = 0;
    for (std::uint64_t index = 0; index < batch->sequence_count; index += 1) {
        rewards += batch->rewards[index];
    }
    reflux_metric(plugin::host, call, "reward_mean", rewards / sequences);
    reflux_metric(plugin::host, call, "advantage_deviation", deviation);
    if (charges_reward()) {
        reflux_metric(plugin::host, call, "kl_penalty", penalty / sequences);
    }
}

void Reinforce::compute_loss(
    reflux_call *call, const reflux_loss_batch *batch, reflux_loss *out) const {
    check_offsets(batch->offsets, batch->sequence_count, batch->token_count);
    const double tokens = std::max<double>(1, static_cast<double>(batch->total_tokens));
    const double sequences = std::max<double>(1, static_cast<double>(batch->total_sequences));
    double policy = 0, divergence = 0, clipped = 0, moved = 0;
    for (std::uint64_t sequence = 0; sequence < batch->sequence_count; sequence += 1) {
        const std::uint64_t first = batch->offsets[sequence];
        const std::uint64_t last = batch->offsets[sequence + 1];
        const double share =
            by_sequence_ ? 1 / (sequences * static_cast<double>(last - first)) : 1 / tokens;
        for (std::uint64_t token = first; token < last; token += 1) {
            const double now = static_cast<double>(batch->logprobs[token]);
            const double advantage = static_cast<double>(batch->advantages[token]);
            const double log_ratio = now - static_cast<double>(batch->old_logprobs[token]);
            const double ratio = std::exp(log_ratio);
            const double bounded =
                std::min(std::max(ratio, 1 - clip_low_), 1 + clip_high_) * advantage;
            const double plain = advantage == 0 ? 0 : ratio * advantage;
            const bool is_clipped = bounded < plain;
            double derivative = is_clipped ? 0 : -plain;
            policy -= share * std::min(plain, bounded);
            if (charges_loss()) {
                const double k1 = now - static_cast<double>(batch->reference_logprobs[token]);
                divergence += share * k1 * k1 / 2;
                derivative += kl_coefficient_ * k1;
            }
            out->by_logprob[token] = static_cast<float>(share * derivative);
            clipped += is_clipped ? 1 / tokens : 0;
            moved += (ratio - 1 - log_ratio) / tokens;
        }
    }
    out->value = policy + kl_coefficient_ * divergence;
    if (!std::isfinite(out->value) || !std::isfinite(moved)) {
        throw std::domain_error(
            "the loss is not finite: the policy has moved too far from the one that drew the"
            " responses; lower the learning rate or the number of epochs");
    }
    check_finite("the derivative of token", out->by_logprob, batch->token_count);
    reflux_metric(plugin::host, call, "policy_loss", policy);
    reflux_metric(plugin::host, call, "clip_fraction", clipped);
    reflux_metric(plugin::host, call, "approx_kl", moved);
    if (charges_loss()) { reflux_metric(plugin::host, call, "kl_loss", divergence); }
}
