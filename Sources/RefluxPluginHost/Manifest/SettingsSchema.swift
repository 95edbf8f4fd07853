public import RefluxCore

/// What the configuration of an extension may be: the schema of its manifest, a small part of JSON
/// Schema.
///
/// A schema is an object with `type` (`object`), `properties`, `required` and
/// `additionalProperties` (`false`). A property has a `type` (`number`, `integer`, `boolean`,
/// `string`, `array`), a `description`, and a `default` unless it is required; numbers may have
/// `minimum` and `maximum`, texts `enum` or the `format` `path`, arrays need
/// `items: {"type": …}` of numbers or texts. Everything else is refused, because a host that
/// skipped a rule would let wrong settings through. So are properties with the name of a key that
/// the host itself reads from the same section of the run file.
///
/// A value; may be used from any thread.
public struct SettingsSchema: Sendable, Equatable {
    /// The type of a setting.
    public enum ValueType: String, Sendable, CaseIterable {
        /// Any finite number.
        case number
        /// A whole number.
        case integer
        /// `true` or `false`.
        case boolean
        /// A text.
        case string
        /// A list.
        case array
    }

    /// One setting.
    public struct Property: Sendable, Equatable {
        /// Its key in run files.
        public var name: String
        /// Its type.
        public var type: ValueType
        /// The type of the elements of an array.
        public var items: ValueType?
        /// What it does.
        public var description: String
        /// The smallest number.
        public var minimum: Double?
        /// The largest number.
        public var maximum: Double?
        /// The texts that it may be; empty for any.
        public var choices: [String]
        /// Whether it is the path of a file or folder.
        public var isPath: Bool
        /// What it is when the run file does not say; `nil` when the run file has to.
        package var defaultValue: JSONValue?

        /// The default as JSON text; `nil` when the run file has to give a value.
        public var defaultText: String? { defaultValue?.compactText }
        /// Whether the run file has to give a value.
        public var isRequired: Bool { defaultValue == nil }
    }

    /// The settings in the order of the schema.
    public var properties: [Property]

    /// Reads and checks a schema.
    ///
    /// - Parameters:
    ///   - text: the JSON text; an empty one stands for no settings.
    ///   - kind: the kind of the extension; it decides which names are taken.
    ///   - location: where the text stood, for errors.
    /// - Throws: ``RefluxError`` of kind `input` with the check `manifest.schema`.
    public init(_ text: String, for kind: PluginKind, at location: SourceLocation) throws {
        let node =
            text.isEmpty
            ? JSONNode(PluginExtension.emptySchema)
            : try JSONDocument.parse(
                Array(text.utf8), at: location, checks: .all(.manifestSchema))
        try self.init(node, for: kind, file: location.path, key: location.key ?? "")
    }

    /// The configuration with nothing given, as the text of a JSON object.
    ///
    /// - Throws: ``RefluxError`` of kind `usage` naming the settings that have no default.
    public func defaults() throws -> String {
        let required = properties.filter(\.isRequired).map(\.name)
        guard required.isEmpty else {
            throw RefluxError(
                .usage,
                found: "no value for \(required.map { "\"\($0)\"" }.joined(separator: ", "))",
                wanted: "a value for every setting that is required",
                remedy: "Give them, or give them defaults in the schema.")
        }
        return json { $0.defaultValue ?? .null }
    }

    /// All settings as the text of a JSON object, in the order of the schema.
    func json(_ value: (Property) -> JSONValue) -> String {
        JSONValue.object(
            properties.map { JSONMember(key: $0.name, node: JSONNode(value($0))) }
        ).compactText
    }
}

extension SettingsSchema {
    /// The keys that the host reads from the section of the run file in which a kind of extension
    /// lives; no setting may have such a name.
    package static func reservedNames(for kind: PluginKind) -> [String] {
        ["use", "load", "name"] + (sectionKeys[kind] ?? [])
    }

    private static let sectionKeys: [PluginKind: [String]] = [
        .taskEvaluator: ["train", "test", "held_out"],
        .teacherSource: [
            "samples", "temperatures", "top_k", "top_p", "min_p", "max_tokens", "batch_prompts",
        ],
        .rewardModel: ["floor", "override_floor"],
        .policyOptimizer: [
            "reward", "reward_scale", "unparsed_reward", "steps", "prompts_per_step",
            "samples_per_prompt", "temperature", "max_tokens", "micro_batch_tokens",
            "value_learning_rate", "detach_values", "watch_reference", "checkpoint_every",
            "evaluate_every", "evaluate_problems", "keep_best", "early_stop_drop",
            "label_refresh", "learning_rate", "shape", "warmup_steps", "floor", "beta2",
            "weight_decay", "max_gradient_norm",
        ],
    ]
}
