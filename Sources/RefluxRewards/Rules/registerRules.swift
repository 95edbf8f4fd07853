public import RefluxCore

/// Adds the built-in pseudo-reward rules to a registry: `teacher-majority` and `gold`.
///
/// - Throws: ``RefluxError`` of kind `usage` when one of the ids is taken.
public func registerRules(in registry: inout ExtensionRegistry) throws {
    try registry.register(
        .rule, id: "teacher-majority", title: "Agreement with the teacher's majority answer"
    ) { reader, context in
        try TeacherMajority(reader, seed: context.seed)
    }
    try registry.register(
        .rule, id: "gold",
        title: "Agreement with the dataset's answer: upper bounds and audits only"
    ) { _, _ in
        GoldAgreement()
    }
}
