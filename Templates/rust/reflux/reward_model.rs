use crate::abi::{self, reflux_call, reflux_creation, reflux_string};
use crate::creation::{create, destroy};
use crate::guard;
use crate::raw::{optional_text, slice, slice_mut, text};
use crate::{Call, Creation, Extension, Failure, Prompt, Result, Role};
use std::ffi::c_void;

/// A reward model: scores responses; higher is better. A score is a logit: its sigmoid is the
/// probability that the response is accepted.
pub trait RewardModel: Sized + Send + 'static {
    /// What the reward model says of itself.
    const EXTENSION: Extension;
    /// Whether it learns: then `fit`, `save` and `load` are all to be written. One that only scores
    /// leaves all three out.
    const LEARNS: bool = false;
    /// Makes an instance.
    fn create(creation: &Creation) -> Result<Self>;
    /// Scores responses; `scores` is NaN beforehand. `[items]`
    fn score(&mut self, call: &Call, items: &[ScoringItem], scores: &mut [f64]) -> Result<()>;
    /// Learns from labelled responses. `checkpoint` is a folder for states to resume from.
    fn fit(&mut self, _: &Call, _: &TrainingData, _checkpoint: Option<&str>) -> Result<()> {
        Err(Failure::Unsupported)
    }
    /// Writes all that `score` needs into an existing, empty folder.
    fn save(&self, _: &Call, _folder: &str) -> Result<()> {
        Err(Failure::Unsupported)
    }
    /// Reads what `save` wrote.
    fn load(&mut self, _: &Call, _folder: &str) -> Result<()> {
        Err(Failure::Unsupported)
    }
}

/// A response to be scored.
#[derive(Clone, Copy)]
pub struct ScoringItem<'a>(&'a abi::reflux_scoring_item);

impl<'a> ScoringItem<'a> {
    /// What was asked.
    pub fn prompt(&self) -> Prompt<'a> {
        unsafe { Prompt(&*self.0.prompt) }
    }
    /// What was answered.
    pub fn text(&self) -> &'a str {
        unsafe { text(self.0.text) }
    }
    /// Whether the model ended the response, and no limit did.
    pub fn finished(&self) -> bool {
        self.0.finished != 0
    }
}

/// A response with its pseudo-reward.
#[derive(Clone, Copy)]
pub struct TrainingItem<'a>(&'a abi::reflux_training_item);

impl<'a> TrainingItem<'a> {
    /// What is scored.
    pub fn item(&self) -> ScoringItem<'a> {
        unsafe { ScoringItem(&*self.0.item) }
    }
    /// Whose response it is.
    pub fn role(&self) -> Role {
        if self.0.role == abi::ROLE_TEACHER {
            Role::Teacher
        } else {
            Role::Student
        }
    }
    /// The pseudo-reward, from 0 to 1.
    pub fn reward(&self) -> f64 {
        self.0.reward
    }
    /// The weight in the loss.
    pub fn weight(&self) -> f64 {
        self.0.weight
    }
}

/// What a reward model learns from.
#[derive(Clone, Copy)]
pub struct TrainingData<'a>(&'a abi::reflux_training_data);

impl<'a> TrainingData<'a> {
    /// The items of all prompts, prompt after prompt.
    pub fn items(&self) -> impl ExactSizeIterator<Item = TrainingItem<'a>> {
        let items = unsafe { slice(self.0.items, self.0.item_count) };
        items.iter().map(|i| unsafe { TrainingItem(&**i) })
    }
    /// Where the items of each prompt begin. `[groups + 1]`
    pub fn group_offsets(&self) -> &'a [u64] {
        unsafe { slice(self.0.group_offsets, self.0.group_count + 1) }
    }
    /// The run's seed.
    pub fn seed(&self) -> u64 {
        self.0.seed
    }
}

/// The C side of a reward model.
#[doc(hidden)]
pub struct Raw<T>(T);

impl<T: RewardModel> Raw<T> {
    pub const EXTENSION: &'static abi::reflux_extension = &T::EXTENSION.raw(
        abi::KIND_REWARD_MODEL,
        Self::TABLE as *const abi::reflux_reward_model_table as *const c_void,
    );

    const TABLE: &'static abi::reflux_reward_model_table = &abi::reflux_reward_model_table {
        struct_size: abi::reflux_reward_model_table::STRUCT_SIZE,
        reserved: 0,
        create: Some(Self::create),
        destroy: Some(destroy::<T>),
        fit: if T::LEARNS { Some(Self::fit) } else { None },
        score: Some(Self::score),
        save: if T::LEARNS { Some(Self::save) } else { None },
        load: if T::LEARNS { Some(Self::load) } else { None },
    };

    unsafe extern "C" fn create(
        call: *mut reflux_call,
        creation: *const reflux_creation,
        instance: *mut *mut c_void,
    ) -> i32 {
        create(call, creation, instance, T::create)
    }

    unsafe extern "C" fn fit(
        instance: *mut c_void,
        call: *mut reflux_call,
        data: *const abi::reflux_training_data,
        checkpoint: reflux_string,
    ) -> i32 {
        guard::run(call, |services| {
            let checkpoint = optional_text(checkpoint);
            (*instance.cast::<T>()).fit(services, &TrainingData(&*data), checkpoint)
        })
    }

    unsafe extern "C" fn score(
        instance: *mut c_void,
        call: *mut reflux_call,
        items: *const *const abi::reflux_scoring_item,
        count: u64,
        scores: *mut f64,
    ) -> i32 {
        guard::run(call, |services| {
            let items: Vec<ScoringItem> =
                slice(items, count).iter().map(|i| ScoringItem(&**i)).collect();
            (*instance.cast::<T>()).score(services, &items, slice_mut(scores, count))
        })
    }

    unsafe extern "C" fn save(
        instance: *mut c_void,
        call: *mut reflux_call,
        folder: reflux_string,
    ) -> i32 {
        guard::run(call, |services| (*instance.cast::<T>()).save(services, text(folder)))
    }

    unsafe extern "C" fn load(
        instance: *mut c_void,
        call: *mut reflux_call,
        folder: reflux_string,
    ) -> i32 {
        guard::run(call, |services| (*instance.cast::<T>()).load(services, text(folder)))
    }
}
