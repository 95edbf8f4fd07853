import Foundation
public import RefluxCore
public import RefluxPluginHost

/// One bad plugin: how to make it, and the exact error with which the host must answer.
///
/// A case is data. The same cases are used by the host's tests (each is refused or survived with its
/// error, and another plugin goes on working), and by the checker's tests (`reflux plugin check`
/// fails with the same check).
public struct CorpusCase: Sendable {
    /// How far the host gets with the plugin before it must refuse.
    public enum Stage: String, Sendable {
        /// Reading the manifest.
        case manifest
        /// Checking the library, before any of its code runs.
        case library
        /// Loading the library: its constructors have run.
        case load
        /// Making an instance.
        case create
        /// Calling an instance.
        case call
        /// Any of these in a process of its own: in this process it would end the host.
        case isolated
    }

    /// The case's name: the stage and what is wrong, for instance `manifest/duplicate-key`.
    public var name: String
    /// How far the host gets.
    public var stage: Stage
    /// The check that refuses it; `nil` for a case that the host survives without an error.
    public var check: PluginCheck?
    /// The whole error; `$PLUGIN` stands for the plugin's folder, `*` for anything within a line
    /// (a hash, a system's message).
    public var message: String
    /// Makes the plugin's folder inside an empty folder and returns its path.
    public var make: @Sendable (_ folder: String) throws -> String
    /// What is done with the instance, for the stages `create`, `call` and `isolated`; the default
    /// asks a rule to judge one group.
    public var use: @Sendable (_ runtime: any PluginRuntime) async throws -> Void

    /// Makes a case.
    public init(
        _ name: String, stage: Stage, check: PluginCheck?, message: String,
        make: @escaping @Sendable (String) throws -> String,
        use: @escaping @Sendable (any PluginRuntime) async throws -> Void = judgeOneGroup
    ) {
        self.name = name
        self.stage = stage
        self.check = check
        self.message = message
        self.make = make
        self.use = use
    }

    /// Whether a text is the case's message for a plugin in a folder.
    public func matches(_ text: String, folder: String) -> Bool {
        let parts = message.replacingOccurrences(of: "$PLUGIN", with: folder)
            .split(separator: "*", omittingEmptySubsequences: false)
        var rest = Substring(text)
        for (index, part) in parts.enumerated() {
            if index == 0 {
                guard rest.hasPrefix(part) else { return false }
                rest = rest.dropFirst(part.count)
            } else if index == parts.count - 1 {
                guard rest.hasSuffix(part), !rest.dropLast(part.count).contains("\n") else {
                    return false
                }
                rest = ""
            } else {
                guard let range = rest.range(of: part) else { return false }
                rest = rest[range.upperBound...]
            }
        }
        return rest.isEmpty
    }
}

/// Makes the rule `rule` of the plugin and has it judge one group of three responses.
@Sendable public func judgeOneGroup(_ runtime: any PluginRuntime) async throws {
    let rule = try runtime.makeRule(
        ExtensionRequest(extensionID: "rule", name: "rule", configuration: "{}"))
    _ = try await rule.judge(sampleGroup())
}

/// A prompt with three responses, two of the teacher's and one of the student's.
public func sampleGroup(_ id: String = "q/0", index: Int = 0) -> ResponseGroup {
    let answers: [String?] = ["4", "5", "4"]
    return ResponseGroup(
        prompt: Prompt(id: id, index: index, content: .text("2 + 2 = ")),
        responses: answers.enumerated().map { sample, answer in
            Response(
                promptID: id, text: "It is \(answer ?? "?").",
                role: sample < 2 ? .teacher : .student, source: sample < 2 ? "t" : "warmup",
                model: "m", sample: sample, temperature: 0.8, finish: .stop, tokenCount: 4,
                meanLogProbability: -0.5)
        }, answers: answers)
}
