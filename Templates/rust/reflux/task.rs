use crate::abi::{self, reflux_call, reflux_creation, reflux_string};
use crate::creation::{create, destroy};
use crate::guard;
use crate::raw::{optional_string, slice, slice_mut, string, text};
use crate::{Call, Creation, Example, Extension, NewExample, Result, Speaker, Split};
use std::ffi::c_void;

/// A task: its examples, how they are asked, how an answer is read, and whether it is right.
///
/// With [`Extension::parallel`], `prompt`, `answer` and `grade` run on several threads at once.
pub trait Task: Sized + Send + Sync + 'static {
    /// What the task says of itself.
    const EXTENSION: Extension;
    /// Makes an instance; cheap, files are read by `examples`.
    fn create(creation: &Creation) -> Result<Self>;
    /// The names of the metrics, at least one, the most telling one first.
    fn metrics(&self) -> Vec<String>;
    /// The examples of a split in a fixed order.
    fn examples(&self, call: &Call, split: Split) -> Result<Vec<NewExample>>;
    /// What a model is asked for an example.
    fn prompt(&self, example: &Example) -> Result<Draft>;
    /// The normalised answer of a response, `None` when there is none to be read. Linear time. An
    /// answer with a NUL in it cannot be handed over and counts as none.
    fn answer(&self, response: &str) -> Option<String>;
    /// Whether a response is right.
    fn grade(&self, response: &str, example: &Example) -> Grade;
}

/// A prompt that a task writes: one text or messages.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Draft {
    text: Option<String>,
    messages: Vec<(Speaker, String)>,
    stops: Vec<String>,
}

impl Draft {
    /// A text to be continued.
    pub fn text(text: impl Into<String>) -> Self {
        Draft { text: Some(text.into()), ..Draft::default() }
    }

    /// A conversation that the model's own template renders.
    pub fn messages(messages: impl IntoIterator<Item = (Speaker, String)>) -> Self {
        Draft { messages: messages.into_iter().collect(), ..Draft::default() }
    }

    /// The same with a text at which generation stops.
    pub fn stop(mut self, stop: impl Into<String>) -> Self {
        self.stops.push(stop.into());
        self
    }
}

/// The marks of one response.
#[derive(Debug, Clone, PartialEq)]
pub struct Grade {
    /// Whether an answer could be read.
    pub parsed: bool,
    /// Right or wrong by each metric, in the order of [`Task::metrics`].
    pub correct: Vec<bool>,
}

/// The C side of a task.
#[doc(hidden)]
pub struct Raw<T>(T);

impl<T: Task> Raw<T> {
    pub const EXTENSION: &'static abi::reflux_extension = &T::EXTENSION.raw(
        abi::KIND_TASK_EVALUATOR,
        Self::TABLE as *const abi::reflux_task_table as *const c_void,
    );

    const TABLE: &'static abi::reflux_task_table = &abi::reflux_task_table {
        struct_size: abi::reflux_task_table::STRUCT_SIZE,
        reserved: 0,
        create: Some(Self::create),
        destroy: Some(destroy::<T>),
        list_metrics: Some(Self::list_metrics),
        load_examples: Some(Self::load_examples),
        write_prompt: Some(Self::write_prompt),
        read_answers: Some(Self::read_answers),
        grade: Some(Self::grade),
    };

    unsafe extern "C" fn create(
        call: *mut reflux_call,
        creation: *const reflux_creation,
        instance: *mut *mut c_void,
    ) -> i32 {
        create(call, creation, instance, T::create)
    }

    unsafe extern "C" fn list_metrics(
        instance: *mut c_void,
        call: *mut reflux_call,
        out: *const abi::reflux_metric_list,
    ) -> i32 {
        guard::run(call, |_| {
            let add = (*out).add.ok_or("the host gave no place for metrics")?;
            for name in (*instance.cast::<T>()).metrics() {
                add(call, string(&name));
            }
            Ok(())
        })
    }

    unsafe extern "C" fn load_examples(
        instance: *mut c_void,
        call: *mut reflux_call,
        split: i32,
        out: *const abi::reflux_example_list,
    ) -> i32 {
        guard::run(call, |services| {
            let add = (*out).add.ok_or("the host gave no place for examples")?;
            let split =
                Split::from_raw(split).ok_or_else(|| format!("there is no split {split}"))?;
            for example in (*instance.cast::<T>()).examples(services, split)? {
                let options: Vec<reflux_string> =
                    example.options.iter().map(|o| string(o)).collect();
                let raw = abi::reflux_example {
                    struct_size: abi::reflux_example::STRUCT_SIZE,
                    reserved: 0,
                    id: string(&example.id),
                    index: 0,
                    question: string(&example.question),
                    gold: optional_string(example.gold.as_deref()),
                    solution: optional_string(example.solution.as_deref()),
                    category: optional_string(example.category.as_deref()),
                    options: options.as_ptr(),
                    option_count: options.len() as u64,
                };
                add(call, &raw);
            }
            Ok(())
        })
    }

    unsafe extern "C" fn write_prompt(
        instance: *mut c_void,
        call: *mut reflux_call,
        example: *const abi::reflux_example,
        out: *const abi::reflux_prompt_draft,
    ) -> i32 {
        guard::run(call, |_| {
            let draft = (*instance.cast::<T>()).prompt(&Example(&*example))?;
            let missing = "the host gave no place for the prompt";
            if let Some(text) = &draft.text {
                (*out).set_text.ok_or(missing)?(call, string(text));
            }
            for (speaker, content) in &draft.messages {
                (*out).add_message.ok_or(missing)?(call, *speaker as i32, string(content));
            }
            for stop in &draft.stops {
                (*out).add_stop.ok_or(missing)?(call, string(stop));
            }
            Ok(())
        })
    }

    unsafe extern "C" fn read_answers(
        instance: *mut c_void,
        call: *mut reflux_call,
        responses: *const reflux_string,
        count: u64,
        out: *const abi::reflux_answer_list,
    ) -> i32 {
        guard::run(call, |_| {
            let set_answer = (*out).set_answer.ok_or("the host gave no place for answers")?;
            for (place, response) in slice(responses, count).iter().enumerate() {
                let answer = (*instance.cast::<T>()).answer(text(*response));
                if let Some(answer) = answer.filter(|answer| !answer.contains('\0')) {
                    set_answer(call, place as u64, string(&answer));
                }
            }
            Ok(())
        })
    }

    unsafe extern "C" fn grade(
        instance: *mut c_void,
        call: *mut reflux_call,
        responses: *const reflux_string,
        examples: *const *const abi::reflux_example,
        count: u64,
        out: *const abi::reflux_grades,
    ) -> i32 {
        guard::run(call, |_| {
            let metrics = (*out).metric_count as usize;
            let parsed = slice_mut((*out).parsed, count);
            let correct = slice_mut((*out).correct, count * (*out).metric_count);
            let pairs = slice(responses, count).iter().zip(slice(examples, count));
            for (place, (response, example)) in pairs.enumerate() {
                let grade = (*instance.cast::<T>()).grade(text(*response), &Example(&**example));
                if grade.correct.len() != metrics {
                    let found = grade.correct.len();
                    return Err(format!("a grade has {found} marks for {metrics} metrics").into());
                }
                parsed[place] = grade.parsed.into();
                for (metric, right) in grade.correct.iter().enumerate() {
                    correct[place * metrics + metric] = (*right).into();
                }
            }
            Ok(())
        })
    }
}
