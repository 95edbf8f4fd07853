public import RefluxCore

/// Adds the built-in policy optimizers to a registry: `ppo` and `grpo`.
///
/// - Throws: ``RefluxError`` of kind `usage` when one of the ids is taken.
public func registerOptimizers(in registry: inout ExtensionRegistry) throws {
    try registry.register(
        .optimizer, id: "ppo", title: "PPO with a value head and generalised advantages"
    ) { reader, _ in
        ProximalPolicyOptimizer(settings: try ProximalPolicySettings(reader))
    }
    try registry.register(
        .optimizer, id: "grpo", title: "GRPO: advantages relative to the prompt's group"
    ) { reader, _ in
        GroupRelativePolicyOptimizer(settings: try GroupRelativePolicySettings(reader))
    }
}
