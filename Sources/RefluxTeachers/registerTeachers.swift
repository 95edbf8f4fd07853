public import RefluxCore

/// Registers the teachers of this module: `local-model`, `openai-compatible` and `recorded`.
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
    try registry.register(
        .teacher, id: "openai-compatible",
        title: "A model behind a server that speaks the OpenAI protocol",
        immaterial: OpenAISettings.immaterialKeys + ["cache"]
    ) { reader, context in
        let settings = try OpenAISettings(reader)
        let cache = try ResponseCachePlace(reader, context: context)
        return OpenAITeacher(settings: settings, cachePath: cache.file)
    }
}
