use crate::abi::{self, reflux_call, reflux_creation, reflux_group, reflux_judgement};
use crate::creation::{create, destroy};
use crate::guard;
use crate::raw::{optional_text, slice, slice_mut, string};
use crate::{Call, Creation, Extension, Prompt, Response, Result};
use std::ffi::c_void;

/// A rule: turns the structure of a prompt's responses into pseudo-rewards, without any gold.
///
/// Every response needs a reward in [0, 1] or an abstention. `judge` runs for every prompt of a
/// step; with [`Extension::parallel`] from several threads at once.
pub trait Rule: Sized + Send + Sync + 'static {
    /// What the rule says of itself.
    const EXTENSION: Extension;
    /// Whether it reads [`Group::gold`]; the run's report says so.
    const NEEDS_GOLD: bool = false;
    /// Makes an instance.
    fn create(creation: &Creation) -> Result<Self>;
    /// Judges one prompt with all its responses.
    fn judge(&self, call: &Call, group: &Group, out: &mut Judgement) -> Result<()>;
}

/// A prompt with all its responses, the teacher's and the student's.
#[derive(Clone, Copy)]
pub struct Group<'a>(&'a reflux_group);

impl<'a> Group<'a> {
    /// What was asked.
    pub fn prompt(&self) -> Prompt<'a> {
        unsafe { Prompt(&*self.0.prompt) }
    }
    /// What was answered.
    pub fn responses(&self) -> impl ExactSizeIterator<Item = Response<'a>> + Clone {
        let responses = unsafe { slice(self.0.responses, self.0.response_count) };
        responses.iter().map(|r| unsafe { Response(&**r) })
    }
    /// The dataset's answer; `None` unless the rule needs it.
    pub fn gold(&self) -> Option<&'a str> {
        unsafe { optional_text(self.0.gold) }
    }
}

/// Where a rule puts its judgement. Places count from 0 in the order of the responses; one that does
/// not exist panics, which becomes an error of the call.
pub struct Judgement<'a> {
    raw: &'a reflux_judgement,
    call: *mut reflux_call,
    rewards: &'a mut [f64],
}

impl Judgement<'_> {
    /// Gives a response its reward, from 0 (rejected) to 1 (accepted).
    pub fn reward(&mut self, place: usize, reward: f64) {
        self.rewards[place] = reward;
    }

    /// Leaves a response without a reward, and says why in a few words that can be counted.
    pub fn abstain(&mut self, place: usize, reason: &str) {
        assert!(place < self.rewards.len(), "there is no response {place}");
        if let Some(abstain) = self.raw.abstain {
            unsafe { abstain(self.call, place as u64, string(reason)) }
        }
    }

    /// Leaves the prompt without a label and all its responses without a reward.
    pub fn abstain_all(&mut self, reason: &str) {
        if let Some(set_abstention) = self.raw.set_abstention {
            unsafe { set_abstention(self.call, string(reason)) }
        }
        for place in 0..self.rewards.len() {
            self.abstain(place, reason);
        }
    }

    /// Sets the pseudo-label of the prompt.
    pub fn label(&mut self, label: &str) {
        if let Some(set_label) = self.raw.set_label {
            unsafe { set_label(self.call, string(label)) }
        }
    }
}

/// The C side of a rule.
#[doc(hidden)]
pub struct Raw<T>(T);

impl<T: Rule> Raw<T> {
    pub const EXTENSION: &'static abi::reflux_extension = &T::EXTENSION.raw(
        abi::KIND_PSEUDO_REWARD_RULE,
        Self::TABLE as *const abi::reflux_rule_table as *const c_void,
    );

    const TABLE: &'static abi::reflux_rule_table = &abi::reflux_rule_table {
        struct_size: abi::reflux_rule_table::STRUCT_SIZE,
        needs_gold: T::NEEDS_GOLD as u32,
        create: Some(Self::create),
        destroy: Some(destroy::<T>),
        judge: Some(Self::judge),
    };

    unsafe extern "C" fn create(
        call: *mut reflux_call,
        creation: *const reflux_creation,
        instance: *mut *mut c_void,
    ) -> i32 {
        create(call, creation, instance, T::create)
    }

    unsafe extern "C" fn judge(
        instance: *mut c_void,
        call: *mut reflux_call,
        group: *const reflux_group,
        out: *const reflux_judgement,
    ) -> i32 {
        guard::run(call, |services| {
            let rule = &*instance.cast::<T>();
            let rewards = slice_mut((*out).rewards, (*group).response_count);
            let mut judgement = Judgement { raw: &*out, call, rewards };
            rule.judge(services, &Group(&*group), &mut judgement)
        })
    }
}
