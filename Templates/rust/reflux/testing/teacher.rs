use super::data::{pointers, raw_prompt};
use super::host::{checked, Instance};
use super::services::{optional, owned, Record};
use super::Fault;
use crate::abi::{self, reflux_call, reflux_response};
use crate::SamplingPlan;

/// A teacher under test.
pub struct TestTeacher(pub(crate) Instance<abi::reflux_teacher_table>);

/// A response that a teacher gave.
#[derive(Debug, Clone, PartialEq)]
pub struct Taught {
    /// What was said.
    pub text: String,
    /// The model.
    pub model: Option<String>,
    /// The index among the prompt's responses.
    pub sample: i64,
}

unsafe extern "C" fn add(call: *mut reflux_call, prompt: u64, raw: *const reflux_response) {
    let taught =
        Taught { text: owned((*raw).text), model: optional((*raw).model), sample: (*raw).sample };
    Record::of(call).said().responses.push((prompt, taught));
}

impl TestTeacher {
    /// A plan of so many greedy samples.
    pub fn plan(samples: u64) -> SamplingPlan<'static> {
        SamplingPlan {
            samples_per_temperature: samples,
            temperatures: &[0.0],
            max_tokens: 64,
            top_k: 0,
            top_p: 1.0,
            min_p: 0.0,
            seed: 0,
        }
    }

    /// The responses to each prompt; two of one sample index are a fault. With `cancelled` the host
    /// asks the teacher to stop at once.
    pub fn respond(
        &self,
        prompts: &[&str],
        plan: &SamplingPlan,
        cancelled: bool,
    ) -> Result<Vec<Vec<Taught>>, Fault> {
        let raws: Vec<_> =
            prompts.iter().enumerate().map(|(i, text)| raw_prompt(text, i as i64)).collect();
        let list = pointers(&raws);
        let raw_plan = abi::reflux_sampling_plan {
            struct_size: abi::reflux_sampling_plan::STRUCT_SIZE,
            reserved: 0,
            samples_per_temperature: plan.samples_per_temperature,
            temperatures: plan.temperatures.as_ptr(),
            temperature_count: plan.temperatures.len() as u64,
            max_tokens: plan.max_tokens,
            top_k: plan.top_k,
            top_p: plan.top_p,
            min_p: plan.min_p,
            seed: plan.seed,
        };
        let out = abi::reflux_response_list {
            struct_size: abi::reflux_response_list::STRUCT_SIZE,
            reserved: 0,
            add: Some(add),
        };
        let record = Record { cancelled, ..Record::default() };
        let respond = self.0.table.respond.expect("a respond");
        checked(&record, |call| unsafe {
            respond(self.0.handle, call, list.as_ptr(), list.len() as u64, &raw_plan, &out)
        })?;
        let mut all = vec![Vec::new(); prompts.len()];
        for (prompt, taught) in std::mem::take(&mut record.said().responses) {
            let samples: &mut Vec<Taught> = &mut all[prompt as usize];
            if samples.iter().any(|other| other.sample == taught.sample) {
                return Err(Fault::contract(format!("sample {} comes twice", taught.sample)));
            }
            samples.push(taught);
        }
        Ok(all)
    }
}
