//! Plugins for Reflux in safe Rust: the binding of the C header (`reflux/abi`), and a layer over it
//! in which an extension is an ordinary type with a trait.
//!
//! ```ignore
//! struct Shortest;
//!
//! impl reflux::Rule for Shortest {
//!     const EXTENSION: reflux::Extension = reflux::Extension {
//!         id: "shortest",
//!         title: "The shortest response is right",
//!         ..reflux::Extension::DEFAULT
//!     };
//!     fn create(_: &reflux::Creation) -> reflux::Result<Self> { Ok(Shortest) }
//!     fn judge(
//!         &self, _: &reflux::Call, group: &reflux::Group, out: &mut reflux::Judgement,
//!     ) -> reflux::Result<()> {
//!         let shortest = group.responses().map(|r| r.text().len()).min();
//!         for (place, response) in group.responses().enumerate() {
//!             out.reward(place, f64::from(Some(response.text().len()) == shortest));
//!         }
//!         Ok(())
//!     }
//! }
//!
//! reflux::plugin! {
//!     id: "shortest", name: "Shortest", version: "0.1.0", license: "Apache-2.0",
//!     description: "Rewards the shortest response.",
//!     extensions: [rule Shortest],
//! }
//! ```
//!
//! A panic never leaves the plugin: it becomes an error of the call, with the panic's text and place
//! (with `-C panic=unwind`, the default). Built with plain `rustc`, without other crates.
#![warn(missing_docs)]

#[path = "reflux/abi/mod.rs"]
pub mod abi;
#[path = "reflux/call.rs"]
mod call;
#[path = "reflux/creation.rs"]
mod creation;
#[path = "reflux/data.rs"]
mod data;
#[path = "reflux/extension.rs"]
mod extension;
#[path = "reflux/failure.rs"]
mod failure;
#[path = "reflux/guard.rs"]
mod guard;
#[path = "reflux/optimizer.rs"]
mod optimizer;
#[path = "reflux/plugin.rs"]
pub mod plugin;
#[path = "reflux/raw.rs"]
mod raw;
#[path = "reflux/reward_model.rs"]
mod reward_model;
#[path = "reflux/rule.rs"]
mod rule;
#[path = "reflux/settings.rs"]
mod settings;
#[path = "reflux/task.rs"]
mod task;
#[path = "reflux/teacher.rs"]
mod teacher;
#[path = "reflux/testing/mod.rs"]
pub mod testing;
#[cfg(test)]
#[path = "reflux/tests.rs"]
mod tests;

pub use call::{Call, Level};
pub use creation::Creation;
pub use data::{Example, Finish, NewExample, Prompt, Response, Role, Speaker, Split};
pub use extension::Extension;
pub use failure::{Failure, Result};
pub use optimizer::{Advantages, Loss, LossBatch, Optimizer, OptimizerTraits, RolloutBatch};
pub use reward_model::{RewardModel, ScoringItem, TrainingData, TrainingItem};
pub use rule::{Group, Judgement, Rule};
pub use settings::Settings;
pub use task::{Draft, Grade, Task};
pub use teacher::{NewResponse, ResponseList, SamplingPlan, Teacher};
