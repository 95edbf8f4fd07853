use super::*;
use reflux::testing::{Host, TestTask};

fn task(path: &str) -> TestTask {
    let host = Host::new(reflux_plugin_entry_v1);
    host.task("{{id}}", &format!(r#"{{"path":"{path}"}}"#)).unwrap()
}

#[test]
fn questions_come_from_the_file() {
    let task = task("tests/questions.tsv");
    let examples = task.examples(Split::Test).unwrap();
    assert_eq!(examples[0].question, "What is two plus two?");
    assert_eq!(examples[0].gold.as_deref(), Some("4"));
    let prompt = task.prompt(&examples[0]).unwrap();
    assert_eq!(prompt.text.as_deref(), Some("Question: What is two plus two?\nAnswer:"));
    assert_eq!(task.grade("It is 4.", &examples[0]), Ok((true, vec![true])));
    assert_eq!(task.grade("It is 5.", &examples[0]), Ok((true, vec![false])));
    assert_eq!(task.grade(" ", &examples[0]), Ok((false, vec![false])));
}

#[test]
fn a_missing_file_is_an_error_with_its_path() {
    let fault = task("tests/nowhere.tsv").examples(Split::Test).unwrap_err();
    assert!(fault.text.starts_with("tests/nowhere.tsv: "), "{}", fault.text);
}

#[test]
fn answers_are_the_last_word() {
    let task = task("tests/questions.tsv");
    assert_eq!(task.answer("So it is \"Paris\"."), Ok(Some("paris".to_owned())));
    assert_eq!(task.answer("..."), Ok(None));
}
