// REINFORCE++ (Hu, Liu, Xu, Shen, arXiv 2501.03262): REINFORCE with PPO's clip, a penalty of the
// divergence in every token's reward, and advantages that are normalised over the whole step.
#pragma once

#include "guard.hpp"
#include "reflux/reflux.h"

/// The optimizer. Holds its settings only, so that equal batches give equal results.
class Reinforce {
public:
    explicit Reinforce(plugin::Settings &settings);

    void get_traits(reflux_call *call, reflux_optimizer_traits *out) const;

    /// A_t = sum over i >= t of gamma^(i - t) r_i, with r_i = -beta k1_i and the sequence's reward
    /// on top at the last token; then (A - mean) / (deviation + floor) over all tokens of the step.
    void compute_advantages(
        reflux_call *call, const reflux_rollout_batch *batch, const reflux_advantages *out) const;

    /// The clipped surrogate -min(rho A, clip(rho) A), and beta k2 where the divergence is in the
    /// loss.
    void compute_loss(reflux_call *call, const reflux_loss_batch *batch, reflux_loss *out) const;

private:
    bool charges_reward() const { return kl_coefficient_ > 0 && !kl_in_loss_; }
    bool charges_loss() const { return kl_coefficient_ > 0 && kl_in_loss_; }

    double clip_low_;
    double clip_high_;
    double discount_;
    double kl_coefficient_;
    bool kl_in_loss_;
    bool group_baseline_;
    double deviation_floor_;
    bool by_sequence_;
    std::int64_t epochs_;
};
