use super::buffer::Buffer;
use super::host::{checked, Instance};
use super::services::{optional, owned, speaker, Record};
use super::Fault;
use crate::abi::{self, reflux_call, reflux_example, reflux_string};
use crate::raw::{optional_string, slice, string};
use crate::{NewExample, Speaker, Split};

/// A task under test.
pub struct TestTask {
    instance: Instance<abi::reflux_task_table>,
    /// The names of its metrics.
    pub metrics: Vec<String>,
}

/// A prompt that a task wrote.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TestPrompt {
    /// The text to be continued.
    pub text: Option<String>,
    /// The messages of a conversation.
    pub messages: Vec<(Speaker, String)>,
    /// Texts at which generation stops.
    pub stops: Vec<String>,
}

unsafe extern "C" fn add_metric(call: *mut reflux_call, name: reflux_string) {
    Record::of(call).said().names.push(owned(name));
}

unsafe extern "C" fn add_example(call: *mut reflux_call, raw: *const reflux_example) {
    let options = slice((*raw).options, (*raw).option_count).iter().map(|o| owned(*o)).collect();
    Record::of(call).said().examples.push(NewExample {
        id: owned((*raw).id),
        question: owned((*raw).question),
        gold: optional((*raw).gold),
        solution: optional((*raw).solution),
        category: optional((*raw).category),
        options,
    });
}

unsafe extern "C" fn set_text(call: *mut reflux_call, text: reflux_string) {
    Record::of(call).said().prompt.text = Some(owned(text));
}

unsafe extern "C" fn add_message(call: *mut reflux_call, who: i32, content: reflux_string) {
    Record::of(call).said().prompt.messages.push((speaker(who), owned(content)));
}

unsafe extern "C" fn add_stop(call: *mut reflux_call, text: reflux_string) {
    Record::of(call).said().prompt.stops.push(owned(text));
}

unsafe extern "C" fn set_answer(call: *mut reflux_call, response: u64, answer: reflux_string) {
    Record::of(call).said().answers.insert(response, owned(answer));
}

/// Lends an example to a function of the plugin.
fn with_example<R>(example: &NewExample, body: impl FnOnce(&reflux_example) -> R) -> R {
    let options: Vec<reflux_string> = example.options.iter().map(|o| string(o)).collect();
    body(&reflux_example {
        struct_size: reflux_example::STRUCT_SIZE,
        reserved: 0,
        id: string(&example.id),
        index: 0,
        question: string(&example.question),
        gold: optional_string(example.gold.as_deref()),
        solution: optional_string(example.solution.as_deref()),
        category: optional_string(example.category.as_deref()),
        options: options.as_ptr(),
        option_count: options.len() as u64,
    })
}

impl TestTask {
    pub(crate) fn new(instance: Instance<abi::reflux_task_table>) -> Result<Self, Fault> {
        let out = abi::reflux_metric_list {
            struct_size: abi::reflux_metric_list::STRUCT_SIZE,
            reserved: 0,
            add: Some(add_metric),
        };
        let list_metrics = instance.table.list_metrics.expect("a list_metrics");
        let record = Record::default();
        checked(&record, |call| unsafe { list_metrics(instance.handle, call, &out) })?;
        let metrics = std::mem::take(&mut record.said().names);
        if metrics.is_empty() {
            return Err(Fault::contract("there is no metric"));
        }
        Ok(TestTask { instance, metrics })
    }

    /// The examples of a split.
    pub fn examples(&self, split: Split) -> Result<Vec<NewExample>, Fault> {
        let out = abi::reflux_example_list {
            struct_size: abi::reflux_example_list::STRUCT_SIZE,
            reserved: 0,
            add: Some(add_example),
        };
        let record = Record::default();
        let load = self.instance.table.load_examples.expect("a load_examples");
        checked(&record, |call| unsafe { load(self.instance.handle, call, split as i32, &out) })?;
        let examples = std::mem::take(&mut record.said().examples);
        Ok(examples)
    }

    /// The prompt of an example.
    pub fn prompt(&self, example: &NewExample) -> Result<TestPrompt, Fault> {
        let out = abi::reflux_prompt_draft {
            struct_size: abi::reflux_prompt_draft::STRUCT_SIZE,
            reserved: 0,
            set_text: Some(set_text),
            add_message: Some(add_message),
            add_stop: Some(add_stop),
        };
        let record = Record::default();
        let write = self.instance.table.write_prompt.expect("a write_prompt");
        with_example(example, |raw| {
            checked(&record, |call| unsafe { write(self.instance.handle, call, raw, &out) })
        })?;
        let prompt = std::mem::take(&mut record.said().prompt);
        if prompt.text.is_some() == !prompt.messages.is_empty() {
            return Err(Fault::contract("a prompt is either one text or messages"));
        }
        Ok(prompt)
    }

    /// The answer that is read in a response.
    pub fn answer(&self, response: &str) -> Result<Option<String>, Fault> {
        let out = abi::reflux_answer_list {
            struct_size: abi::reflux_answer_list::STRUCT_SIZE,
            reserved: 0,
            set_answer: Some(set_answer),
        };
        let record = Record::default();
        let read = self.instance.table.read_answers.expect("a read_answers");
        let text = string(response);
        checked(&record, |call| unsafe { read(self.instance.handle, call, &text, 1, &out) })?;
        let answer = record.said().answers.remove(&0);
        Ok(answer)
    }

    /// Whether an answer could be read, and whether it is right by each metric.
    pub fn grade(&self, response: &str, example: &NewExample) -> Result<(bool, Vec<bool>), Fault> {
        let metrics = self.metrics.len();
        let mut parsed = Buffer::new(1, -1, 77);
        let mut correct = Buffer::new(metrics, -1, 77);
        let out = abi::reflux_grades {
            struct_size: abi::reflux_grades::STRUCT_SIZE,
            reserved: 0,
            parsed: parsed.pointer(),
            correct: correct.pointer(),
            metric_count: metrics as u64,
        };
        let record = Record::default();
        let grade = self.instance.table.grade.expect("a grade");
        let text = string(response);
        with_example(example, |raw| {
            let list = [raw as *const reflux_example];
            checked(&record, |call| unsafe {
                grade(self.instance.handle, call, &text, list.as_ptr(), 1, &out)
            })
        })?;
        let (parsed, correct) = (parsed.take(), correct.take());
        if parsed.iter().chain(&correct).any(|mark| !(0..=1).contains(mark)) {
            return Err(Fault::contract("a mark is neither 0 nor 1"));
        }
        Ok((parsed[0] == 1, correct.iter().map(|mark| *mark == 1).collect()))
    }
}
