use super::*;
use reflux::testing::{Host, TestTeacher};

fn teacher(path: &str) -> TestTeacher {
    let host = Host::new(reflux_plugin_entry_v1);
    host.teacher("{{id}}", &format!(r#"{{"path":"{path}"}}"#)).unwrap()
}

fn texts(samples: u64, prompt: &str) -> Vec<String> {
    let plan = TestTeacher::plan(samples);
    let all = teacher("tests/answers.tsv").respond(&[prompt], &plan, false).unwrap();
    all[0].iter().map(|taught| taught.text.clone()).collect()
}

#[test]
fn responses_come_from_the_file() {
    assert_eq!(texts(2, "What is two plus two?"), ["It is 4.", "Four."]);
    assert_eq!(texts(1, "What is two plus two?"), ["It is 4."]);
    assert_eq!(texts(2, "What else?"), [""; 0]);
}

#[test]
fn it_stops_when_it_is_asked_to() {
    let teacher = teacher("tests/answers.tsv");
    let fault = teacher.respond(&["Q"], &TestTeacher::plan(1), true).unwrap_err();
    assert_eq!(fault.status, reflux::abi::CANCELLED);
}

#[test]
fn a_missing_file_is_an_error_with_its_path() {
    let fault = teacher("tests/nowhere.tsv").respond(&["Q"], &TestTeacher::plan(1), false);
    assert!(fault.unwrap_err().text.starts_with("tests/nowhere.tsv: "));
}
