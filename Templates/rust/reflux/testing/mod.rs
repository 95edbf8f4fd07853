//! A host for the tests of a plugin (`rustc --test`): it makes instances, calls them as Reflux does,
//! and checks what comes back. All services are there; random numbers and time are made up.
//!
//! ```ignore
//! let host = reflux::testing::Host::new(reflux_plugin_entry_v1);
//! let rule = host.rule("shortest", "{}").unwrap();
//! let judged = rule.judge(&Group::new([teacher("4", Some("4"))])).unwrap();
//! assert_eq!(judged.rewards, [Some(1.0)]);
//! ```
//!
//! The configuration is handed over as it is: give every key of the schema, as the real host does.

mod buffer;
mod data;
mod host;
mod optimizer;
mod reward_model;
mod rule;
mod services;
mod task;
mod teacher;

pub use data::{student, teacher, Group, Response};
pub use host::{Fault, Host};
pub use optimizer::{AdvantageResult, LossInput, LossResult, Rollouts, TestOptimizer};
pub use reward_model::TestRewardModel;
pub use rule::{Judged, TestRule};
pub use task::{TestPrompt, TestTask};
pub use teacher::{Taught, TestTeacher};

#[cfg(test)]
pub(crate) use services::HOST;
