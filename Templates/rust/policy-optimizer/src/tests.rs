use super::*;
use reflux::testing::{Host, LossInput, Rollouts, TestOptimizer};

fn optimizer() -> TestOptimizer {
    let host = Host::new(reflux_plugin_entry_v1);
    host.optimizer("{{id}}", r#"{"epochs":2}"#).unwrap()
}

#[test]
fn advantages_are_rewards_over_the_mean_of_the_group() {
    let made = optimizer().advantages(&Rollouts {
        offsets: vec![0, 2, 3, 4],
        groups: vec![0, 0, 1],
        rewards: vec![1.0, 0.0, 0.7],
        old_logprobs: vec![-1.0; 4],
        ..Rollouts::default()
    });
    assert_eq!(made.unwrap().advantages, [0.5, 0.5, -0.5, 0.0]);
    assert_eq!(optimizer().traits.epochs, 2);
}

/// The derivatives are those of the loss: compared with finite differences.
#[test]
fn derivatives_agree_with_differences() {
    let batch = LossInput {
        offsets: vec![0, 2],
        logprobs: vec![-0.5, -2.0],
        old_logprobs: vec![-0.5, -2.0],
        advantages: vec![1.5, -0.25],
        total_tokens: 4,
        total_sequences: 2,
        ..LossInput::default()
    };
    let loss = optimizer().loss(&batch).unwrap();
    for token in 0..2 {
        let mut moved = batch.clone();
        moved.logprobs[token] += 0.5;
        let change = optimizer().loss(&moved).unwrap().value - loss.value;
        assert!((change / 0.5 - f64::from(loss.by_logprob[token])).abs() < 1e-6);
    }
}

#[test]
fn nothing_is_no_fault() {
    let empty = LossInput { offsets: vec![0], total_tokens: 1, ..LossInput::default() };
    assert_eq!(optimizer().loss(&empty).unwrap().value, 0.0);
}
