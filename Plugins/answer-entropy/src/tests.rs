use super::*;
use reflux::testing::{self, student, teacher, Host, Judged};

/// Judges teachers with these answers ("" is none) and one student with each of two answers.
fn judge(settings: [&str; 4], teachers: &[&str]) -> Judged {
    let [max_entropy, min_voters, count_unread, weighting] = settings;
    let configuration = format!(
        r#"{{"max_entropy":{max_entropy},"min_voters":{min_voters},"count_unread":{count_unread},
            "weighting":"{weighting}"}}"#
    );
    let host = Host::new(reflux_plugin_entry_v1);
    let rule = host.rule("answer-entropy", &configuration).unwrap();
    let answer = |a: &&str| teacher(a, Some(*a).filter(|a| !a.is_empty()));
    let students = [student("four", Some("4")), student("five", Some("5"))];
    rule.judge(&testing::Group::new(teachers.iter().map(answer).chain(students))).unwrap()
}

const DEFAULTS: [&str; 4] = ["1", "2", "true", "scale"];

/// H(3/4, 1/4) / ln 4, worked out by hand: (2 - 0.75 log2 3) / 2.
const THREE_TO_ONE: f64 = 0.405_639_062_229_566_3;

fn near(left: f64, right: f64) -> bool {
    (left - right).abs() < 1e-12
}

#[test]
fn teachers_that_agree_are_certain() {
    let judged = judge(DEFAULTS, &["4", "4", "4"]);
    assert_eq!(judged.label.as_deref(), Some("4"));
    assert_eq!(judged.rewards, [1.0, 1.0, 1.0, 1.0, 0.0].map(Some));
    assert_eq!((judged.metrics["entropy"], judged.metrics["share"]), (0.0, 1.0));
}

#[test]
fn entropy_scales_the_reward() {
    let judged = judge(DEFAULTS, &["4", "5", "4", "4"]);
    assert!(near(judged.metrics["entropy"], THREE_TO_ONE));
    assert!(near(judged.rewards[4].unwrap(), 1.0 - THREE_TO_ONE));
    assert_eq!(judged.rewards[5], Some(0.0));
    let soft = judge(["1", "2", "true", "soften"], &["4", "5", "4", "4"]);
    assert!(near(soft.rewards[4].unwrap(), 1.0 - THREE_TO_ONE / 2.0));
    assert!(near(soft.rewards[5].unwrap(), THREE_TO_ONE / 2.0));
    let plain = judge(["1", "2", "true", "none"], &["4", "5", "4", "4"]);
    assert_eq!(plain.rewards[4..], [Some(1.0), Some(0.0)]);
}

#[test]
fn above_the_limit_everybody_abstains() {
    let judged = judge(["0.4", "2", "true", "scale"], &["4", "5", "4", "4"]);
    assert_eq!(judged.abstention.as_deref(), Some("entropy above 0.4"));
    assert_eq!((judged.label, judged.rewards), (None, vec![None; 6]));
    assert!(judge(["0.41", "2", "true", "scale"], &["4", "5", "4", "4"]).label.is_some());
}

#[test]
fn unread_responses_are_doubt_unless_they_are_left_out() {
    assert!(near(judge(DEFAULTS, &["4", "", "4", "4"]).metrics["entropy"], THREE_TO_ONE));
    let left_out = judge(["1", "2", "false", "scale"], &["4", "", "4", "4"]);
    assert_eq!((left_out.metrics["entropy"], left_out.metrics["share"]), (0.0, 0.75));
}

#[test]
fn a_tie_and_too_few_answers_have_no_label() {
    assert_eq!(judge(DEFAULTS, &["4", "5"]).abstention.as_deref(), Some("tie"));
    let reason = Some("too few teacher answers");
    assert_eq!(judge(DEFAULTS, &["4", ""]).abstention.as_deref(), reason);
    assert_eq!(judge(DEFAULTS, &[]).abstention.as_deref(), reason);
}

#[test]
fn the_order_of_the_responses_changes_nothing() {
    let one = judge(DEFAULTS, &["4", "4", "4", "5", "5", "6", "7"]);
    let other = judge(DEFAULTS, &["7", "5", "4", "6", "4", "5", "4"]);
    assert_eq!(one.metrics["entropy"].to_bits(), other.metrics["entropy"].to_bits());
}
