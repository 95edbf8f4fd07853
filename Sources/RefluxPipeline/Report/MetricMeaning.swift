/// What the named numbers of `metrics.jsonl` mean, in a few words, for the tables of a report.
///
/// The order is that in which a reader should look at them. Names that are not here, such as those
/// of another optimizer, follow in the order of the alphabet without a meaning.
enum MetricMeaning {
    /// Names in the order of reading.
    static func sorted(_ names: some Sequence<String>) -> [String] {
        names.sorted { a, b in
            (places[a] ?? known.count, a) < (places[b] ?? known.count, b)
        }
    }

    /// The meaning of a name; nothing for an unknown one.
    static func of(_ name: String) -> String {
        name.hasPrefix("rule: ")
            ? "mean of the rule's own number" : places[name].map { known[$0].meaning } ?? ""
    }

    private static let places = Dictionary(
        uniqueKeysWithValues: known.enumerated().map { ($1.name, $0) })

    private static let known: [(name: String, meaning: String)] = [
        // Reinforcement.
        ("held_out_rule_reward", "the rule's reward on prompts that are set aside"),
        ("held_out_accuracy", "right answers to them (audit)"),
        ("rollout_accuracy", "right rollouts (audit)"),
        ("score_mean", "mean sigmoid of the reward model's score"),
        ("rule_reward", "mean reward by the rule, of the rollouts that it judges"),
        ("score_rule_correlation", "correlation of scores and the rule's rewards"),
        ("within_prompt_auc_rule", "the scores' within-prompt AUC against the rule"),
        ("within_prompt_auc_gold", "the same against the dataset's answers (audit)"),
        ("zero_variance_groups", "prompts whose rollouts have one reward: no signal"),
        ("rule_coverage", "rollouts that the rule judges"),
        ("kl_reference", "divergence from the student before reinforcement"),
        ("entropy", "mean entropy of the student's next token"),
        ("response_length", "mean tokens of a rollout"),
        ("rollouts", "responses of a step"),
        // Labels.
        ("prompts", "training prompts"),
        ("labelled_prompts", "prompts with a pseudo-label"),
        ("rewarded_prompts", "prompts with pseudo-rewards"),
        ("coverage", "their share"),
        ("abstained: tie", "prompts whose vote was a tie"),
        ("responses", "the teachers' responses"),
        ("requests", "sent to the teacher's server, repeated ones included"),
        ("retries", "requests that were repeated"),
        ("rate_limited", "requests for which the server was too busy (429)"),
        ("refused_requests", "requests that the server refused for what they ask"),
        ("cached_responses", "responses from the cache"),
        ("filtered", "responses kept back by a filter of the server"),
        ("prompt_tokens", "of requests, as the server counts them"),
        ("completion_tokens", "generated, as the server counts them"),
        ("cost", "of both, by price_per_million"),
        // Both.
        ("majority_ratio", "mean share of the most frequent answer"),
        ("label_accuracy", "right pseudo-labels (audit)"),
        ("response_accuracy", "right responses (audit)"),
        ("reward_mean", "mean reward"),
        ("reward_accuracy", "rewards that agree with the dataset's answer (audit)"),
        ("reward_precision", "right ones among accepted responses (audit)"),
        ("reward_recall", "accepted ones among right responses (audit)"),
        ("truncated_rate", "responses cut at max_tokens"),
        ("unparsed_rate", "responses without a readable answer"),
        ("rule_errors", "prompts on which the rule failed"),
        // The optimizer.
        ("loss", "of the step"),
        ("policy_loss", "its part from the rewards"),
        ("value_loss", "its part from the value head"),
        ("explained_variance", "of the returns, by the value head; 1 is best"),
        ("kl_penalty", "mean that divergence takes off a reward"),
        ("approx_kl", "divergence from the student that sampled"),
        ("clip_fraction", "tokens whose update was clipped"),
        ("gradient_norm", "before clipping"),
        ("learning_rate", ""),
        ("reward_deviation", "standard deviation of the rewards"),
        ("sampler_trainer_difference", "largest difference of log-probabilities"),
        ("sampler_trainer_difference_mean", "mean difference of log-probabilities"),
        ("importance_weight", "mean of what advantages are multiplied by"),
        ("importance_capped", "tokens whose weight is reinforce.importance_cap"),
        ("seconds", "of the step"),
        ("seconds_sampling", ""),
        ("seconds_rewards", ""),
        ("seconds_update", ""),
    ]
}
