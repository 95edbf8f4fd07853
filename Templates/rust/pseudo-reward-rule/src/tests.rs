use super::*;
use reflux::testing::{student, teacher, Fault, Host, Judged, Response};

fn judge(min_share: f64, responses: Vec<Response>) -> std::result::Result<Judged, Fault> {
    let host = Host::new(reflux_plugin_entry_v1);
    let rule = host.rule("{{id}}", &format!(r#"{{"min_share":{min_share}}}"#)).unwrap();
    rule.judge(&reflux::testing::Group::new(responses))
}

#[test]
fn the_majority_is_the_label() {
    let responses = ["4", "4", "5"].map(|a| teacher(a, Some(a))).into_iter();
    let students = [student("four", Some("4")), student("?", None)];
    let judged = judge(0.5, responses.chain(students).collect()).unwrap();
    assert_eq!(judged.label.as_deref(), Some("4"));
    assert_eq!(judged.rewards, [1.0, 1.0, 0.0, 1.0, 0.0].map(Some));
    assert_eq!(judged.metrics["share"], 2.0 / 3.0);
}

#[test]
fn without_a_majority_everybody_abstains() {
    let tie = judge(0.0, vec![teacher("4", Some("4")), teacher("5", Some("5"))]).unwrap();
    assert_eq!(tie.abstention.as_deref(), Some("tie"));
    assert_eq!(tie.rewards, [None, None]);
    let few = judge(0.9, ["4", "4", "5"].map(|a| teacher(a, Some(a))).to_vec()).unwrap();
    assert_eq!(few.abstention.as_deref(), Some("share too small"));
    assert_eq!(judge(0.0, vec![]).unwrap().abstention.as_deref(), Some("no teacher answer"));
}
