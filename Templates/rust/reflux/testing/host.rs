use super::services::{Record, HOST};
use super::{TestOptimizer, TestRewardModel, TestRule, TestTask, TestTeacher};
use crate::abi::{self, reflux_call, reflux_creation, reflux_extension, reflux_plugin};
use crate::raw::{slice, string, text};
use std::ffi::c_void;

/// Why a call gave no result: the status and the text of the plugin, or what was wrong with what it
/// gave back (the status is then 0).
#[derive(Debug, Clone, PartialEq)]
pub struct Fault {
    /// What the function returned.
    pub status: i32,
    /// Why.
    pub text: String,
}

impl Fault {
    pub(crate) fn contract(text: impl Into<String>) -> Fault {
        Fault { status: abi::OK, text: text.into() }
    }
}

/// Runs a function of the plugin and turns its status into a result.
pub(crate) fn checked(
    record: &Record,
    function: impl FnOnce(*mut reflux_call) -> i32,
) -> Result<(), Fault> {
    match function(record.pointer()) {
        abi::OK => Ok(()),
        status => {
            let text = record.said().error.take().unwrap_or_default();
            Err(Fault { status, text })
        }
    }
}

/// A loaded plugin.
pub struct Host {
    plugin: &'static reflux_plugin,
}

/// The `create` of every kind.
type Create =
    unsafe extern "C" fn(*mut reflux_call, *const reflux_creation, *mut *mut c_void) -> i32;

/// An instance of an extension, destroyed when it goes.
pub(crate) struct Instance<T: 'static> {
    pub table: &'static T,
    pub handle: *mut c_void,
    /// What the instance said about its configuration.
    pub configuration: Option<String>,
    destroy: unsafe extern "C" fn(*mut c_void),
}

impl<T> Drop for Instance<T> {
    fn drop(&mut self) {
        unsafe { (self.destroy)(self.handle) }
    }
}

impl Host {
    /// Loads a plugin by its entry, checks its table and initialises it.
    pub fn new(entry: abi::reflux_plugin_entry) -> Host {
        let plugin = unsafe { &*entry() };
        assert_eq!(plugin.magic, abi::PLUGIN_MAGIC);
        assert_eq!(plugin.struct_size, reflux_plugin::STRUCT_SIZE);
        assert_eq!(plugin as *const _, entry(), "the entry always gives the same table");
        let record = Record::default();
        let init = plugin.init.expect("an init");
        let status = checked(&record, |call| unsafe { init(&HOST.0, call) });
        assert_eq!(status, Ok(()));
        Host { plugin }
    }

    /// The plugin's id.
    pub fn plugin_id(&self) -> &'static str {
        unsafe { text(self.plugin.id) }
    }

    /// Makes a rule.
    pub fn rule(&self, id: &str, configuration: &str) -> Result<TestRule, Fault> {
        let table: &abi::reflux_rule_table = self.table(abi::KIND_PSEUDO_REWARD_RULE, id);
        instance(table, table.create, table.destroy, configuration).map(TestRule)
    }

    /// Makes an optimizer.
    pub fn optimizer(&self, id: &str, configuration: &str) -> Result<TestOptimizer, Fault> {
        let table: &abi::reflux_optimizer_table = self.table(abi::KIND_POLICY_OPTIMIZER, id);
        TestOptimizer::new(instance(table, table.create, table.destroy, configuration)?)
    }

    /// Makes a task.
    pub fn task(&self, id: &str, configuration: &str) -> Result<TestTask, Fault> {
        let table: &abi::reflux_task_table = self.table(abi::KIND_TASK_EVALUATOR, id);
        TestTask::new(instance(table, table.create, table.destroy, configuration)?)
    }

    /// Makes a teacher.
    pub fn teacher(&self, id: &str, configuration: &str) -> Result<TestTeacher, Fault> {
        let table: &abi::reflux_teacher_table = self.table(abi::KIND_TEACHER_SOURCE, id);
        instance(table, table.create, table.destroy, configuration).map(TestTeacher)
    }

    /// Makes a reward model.
    pub fn reward_model(&self, id: &str, configuration: &str) -> Result<TestRewardModel, Fault> {
        let table: &abi::reflux_reward_model_table = self.table(abi::KIND_REWARD_MODEL, id);
        instance(table, table.create, table.destroy, configuration).map(TestRewardModel)
    }

    /// The table of an extension, whose type the kind decides.
    fn table<T>(&self, kind: &str, id: &str) -> &'static T {
        let extensions: &[*const reflux_extension] =
            unsafe { slice(self.plugin.extensions, self.plugin.extension_count) };
        let found = extensions
            .iter()
            .map(|e| unsafe { &**e })
            .find(|e| unsafe { text(e.kind) == kind && text(e.id) == id });
        let extension = found.unwrap_or_else(|| panic!("the plugin has no {kind} '{id}'"));
        unsafe { &*extension.table.cast::<T>() }
    }
}

fn instance<T>(
    table: &'static T,
    create: Option<Create>,
    destroy: Option<unsafe extern "C" fn(*mut c_void)>,
    configuration: &str,
) -> Result<Instance<T>, Fault> {
    let record = Record::default();
    let creation = reflux_creation {
        struct_size: reflux_creation::STRUCT_SIZE,
        reserved: 0,
        configuration: string(configuration),
        seed: 0,
        base_folder: string("/"),
    };
    let mut handle = std::ptr::null_mut();
    let create = create.expect("a create");
    checked(&record, |call| unsafe { create(call, &creation, &mut handle) })?;
    if handle.is_null() {
        return Err(Fault::contract("create gave no instance"));
    }
    let configuration = record.said().configuration.take();
    Ok(Instance { table, handle, configuration, destroy: destroy.expect("a destroy") })
}
