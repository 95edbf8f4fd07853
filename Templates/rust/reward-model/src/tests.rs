use super::*;
use reflux::testing::Host;

const SETTINGS: &str = r#"{"phrases":["answer is"],"phrase_weight":1,"length_weight":0.1}"#;

#[test]
fn phrases_earn_and_length_costs() {
    let model = Host::new(reflux_plugin_entry_v1).reward_model("{{id}}", SETTINGS).unwrap();
    let scores = model.score(&[
        ("Q", "The answer is 4.", true),
        ("Q", "The answer is 4.", false),
        ("Q", "", true),
    ]);
    let length = 0.1 * 16.0 / 100.0;
    assert_eq!(scores, Ok(vec![1.0 - length, 1.0 - length - 1.0, 0.0]));
    assert_eq!(model.score(&[]), Ok(vec![]));
}

#[test]
fn a_setting_of_the_wrong_type_is_an_error_that_names_it() {
    let bad = SETTINGS.replace("[\"answer is\"]", "3");
    let fault = Host::new(reflux_plugin_entry_v1).reward_model("{{id}}", &bad).err().unwrap();
    assert!(fault.text.contains("'phrases'"), "{}", fault.text);
}
