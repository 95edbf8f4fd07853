//! What the layer itself promises: panics and failures become statuses, services may be missing.

use crate::abi::{self, reflux_host};
use crate::testing::{teacher, Fault, Group, Host};
use crate::{call, Call, Creation, Extension, Failure, Judgement, Result, Rule};

struct Odd {
    how: String,
}

impl Rule for Odd {
    const EXTENSION: Extension = Extension { id: "odd", ..Extension::DEFAULT };

    fn create(creation: &Creation) -> Result<Self> {
        Ok(Odd { how: creation.settings.text("how")?.to_owned() })
    }

    fn judge(&self, call: &Call, group: &crate::Group, out: &mut Judgement) -> Result<()> {
        match self.how.as_str() {
            "panic" => panic!("no {}", group.prompt().text()),
            "place" => out.reward(7, 1.0),
            "error" => return Err("bad luck".into()),
            "cancelled" => return Err(Failure::Cancelled),
            "random" => out.reward(0, call.uniform(1, 2).ok_or("no random numbers")?),
            _ => {}
        }
        Ok(())
    }
}

impl Drop for Odd {
    fn drop(&mut self) {
        if self.how == "drop" {
            panic!("in a destructor");
        }
    }
}

crate::plugin! {
    id: "odd", name: "Odd", version: "0.1.0", license: "Apache-2.0", description: "For tests.",
    extensions: [rule Odd],
}

fn judge(how: &str) -> std::result::Result<crate::testing::Judged, Fault> {
    let host = Host::new(reflux_plugin_entry_v1);
    let rule = host.rule("odd", &format!("{{\"how\":\"{how}\"}}"))?;
    rule.judge(&Group::new([teacher("four", Some("4"))]))
}

#[test]
fn panics_and_failures_become_statuses() {
    let fault = judge("panic").unwrap_err();
    assert_eq!(fault.status, abi::ERROR);
    assert!(
        fault.text.starts_with("panic at ") && fault.text.ends_with(": no Q"),
        "{}",
        fault.text
    );
    assert!(judge("place").unwrap_err().text.contains("index out of bounds"));
    assert_eq!(judge("error"), Err(Fault { status: abi::ERROR, text: "bad luck".into() }));
    assert_eq!(judge("cancelled").unwrap_err().status, abi::CANCELLED);
    assert!(judge("").unwrap_err().text.contains("the reward of response 0 is NaN"));
    assert!(judge("drop").is_err());
}

#[test]
fn create_reports_what_a_setting_lacks() {
    let host = Host::new(reflux_plugin_entry_v1);
    let fault = host.rule("odd", "{}").err().unwrap();
    assert_eq!(fault.text, "the setting 'how' is not there");
}

#[test]
fn random_numbers_are_a_function_of_the_place() {
    let first = judge("random").unwrap().rewards[0].unwrap();
    assert!((0.0..1.0).contains(&first));
    assert_eq!(judge("random").unwrap().rewards[0], Some(first));
}

#[test]
fn a_service_that_lies_behind_the_table_is_absent() {
    // The rest of the table is there in memory, but the host does not own up to it.
    let mut host = crate::testing::HOST.0;
    host.struct_size = std::mem::offset_of!(reflux_host, is_cancelled) as u32;
    assert!(!call::has_random_words(&host));
    host.struct_size = reflux_host::STRUCT_SIZE;
    assert!(call::has_random_words(&host));
    host.random_words = None;
    assert!(!call::has_random_words(&host));
}
