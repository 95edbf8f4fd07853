package import RefluxCore
import RefluxEngine
import RefluxOptimizers
import RefluxRewards
import RefluxTasks
import RefluxTeachers

/// Every built-in part.
///
/// - Throws: ``RefluxError`` when two parts have one id.
package func builtInRegistry() throws -> ExtensionRegistry {
    var registry = ExtensionRegistry()
    try registerTasks(in: &registry)
    try registerTeachers(in: &registry)
    try registerRules(in: &registry)
    try registerRewardModels(in: &registry)
    try registerOptimizers(in: &registry)
    return registry
}

/// The engine of this machine.
package func builtInModels() -> any LanguageModelProvider { NativeEngineProvider() }
