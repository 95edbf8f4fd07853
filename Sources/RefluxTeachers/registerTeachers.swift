public import RefluxCore

/// Registers the teachers of this module: `local-model` and `recorded`.
///
/// - Throws: ``RefluxError`` when an id is taken already.
public func registerTeachers(in registry: inout ExtensionRegistry) throws {
    try registry.register(
        .teacher, id: "local-model", title: "A model folder, opened by the run's engine"
    ) { reader, context in
        try LocalModelTeacher(settings: LocalModelSettings(reader), context: context)
    }
    try registry.register(
        .teacher, id: "recorded", title: "Responses that were recorded before, one a line of JSON"
    ) { reader, context in
        try RecordedTeacher(settings: RecordedSettings(reader, context: context))
    }
}
