import Foundation
import RefluxCore
import RefluxOptimizers
import RefluxPluginHost
import RefluxRewards

// What a call of a plugin costs: the same rule and the same optimizer built in, as a C and as a Swift
// plugin in this process, and in processes of their own. Prints one JSON object.
//
//     plugin-cost TWINS WORKER    (the folder of the built twins, the reflux command)

/// One way to have the part.
struct Way<Part> {
    let name: String
    let part: Part
}

/// Runs all ways in turns, so that whatever else the machine does meets all of them, and gives the
/// median nanoseconds of a unit for each.
func medians<Part>(
    _ ways: [Way<Part>], rounds: Int, units: Int, _ work: (Part) async throws -> Void
) async throws -> [(name: String, nanoseconds: Double, spread: Double)] {
    let clock = ContinuousClock()
    var times = [[Double]](repeating: [], count: ways.count)
    for round in 0..<(rounds + 2) {
        for (index, way) in ways.enumerated() {
            let start = clock.now
            try await work(way.part)
            let (seconds, attoseconds) = (clock.now - start).components
            let nanoseconds = Double(seconds) * 1e9 + Double(attoseconds) * 1e-9
            if round >= 2 { times[index].append(nanoseconds / Double(units)) }
        }
    }
    return zip(ways, times).map { way, times in
        let sorted = times.sorted()
        let spread = sorted[sorted.count * 3 / 4] - sorted[sorted.count / 4]
        return (way.name, sorted[sorted.count / 2], spread)
    }
}

/// The groups of one reinforcement step of the quickstart: 64 prompts with 6 teacher responses and 8
/// rollouts.
func groups() -> [ResponseGroup] {
    (0..<64).map { prompt in
        let key = RandomKey(seed: 1, stage: .generate, prompt: prompt)
        let answers = (0..<14).map { sample -> String? in
            let drawn = key.uniform(at: sample)
            return drawn < 0.1 ? nil : drawn < 0.7 ? "\(prompt)" : "\(Int(drawn * 40))"
        }
        return ResponseGroup(
            prompt: Prompt(id: "p/\(prompt)", index: prompt, content: .text("How many?")),
            responses: answers.enumerated().map { sample, answer in
                Response(
                    promptID: "p/\(prompt)",
                    text: "12 + 7 = 19\n19 - 4 = 15\nThe answer is \(answer ?? "unknown").",
                    role: sample < 6 ? .teacher : .student, source: "t", model: "m",
                    sample: sample, temperature: 0.8, finish: .stop, tokenCount: 30,
                    meanLogProbability: -0.4)
            }, answers: answers)
    }
}

/// A batch of such a step: 512 sequences of 16 to 47 tokens.
func batch() -> (rollouts: RolloutBatch, loss: PolicyLossBatch) {
    let key = RandomKey(seed: 2, stage: .generate)
    var offsets = [0]
    for s in 0..<512 { offsets.append(offsets[s] + 16 + Int(key.uniform(at: s) * 32)) }
    let tokens = offsets[512]
    func floats(_ step: Int, _ scale: Double) -> [Float] {
        let key = RandomKey(seed: 2, stage: .generate, step: step)
        return (0..<tokens).map { Float(-scale * key.uniform(at: $0)) }
    }
    let old = floats(1, 2)
    let reference = floats(2, 2)
    let rollouts = RolloutBatch(
        offsets: offsets, groups: (0..<512).map { $0 / 8 },
        rewards: (0..<512).map { key.uniform(at: 1000 + $0) }, oldLogProbabilities: old,
        referenceLogProbabilities: reference)
    let loss = PolicyLossBatch(
        offsets: offsets, logProbabilities: zip(old, floats(3, 0.1)).map { $0 + $1 },
        oldLogProbabilities: old, referenceLogProbabilities: reference,
        advantages: floats(4, 1), totalTokens: tokens, totalSequences: 512)
    return (rollouts, loss)
}

func load(_ folder: String) throws -> PluginLibrary {
    try PluginLibrary.verify(PluginManifest.read(folder: folder))
}

func builtIn<Part>(
    _ kind: ExtensionKind<Part>, _ id: String, _ register: (inout ExtensionRegistry) throws -> Void
) throws -> Part {
    var registry = ExtensionRegistry()
    try register(&registry)
    let reader = ConfigurationReader.empty(at: SourceLocation(path: "benchmark"))
    return try registry.make(
        kind, from: reader, default: id,
        context: BuildContext(seed: 1, baseFolder: "/", models: NoModels()))
}

struct NoModels: LanguageModelProvider {
    let name = "none"
    func open(_ path: String, options: ModelOptions) async throws -> any LanguageModelEngine {
        throw RefluxError(.usage, found: "the benchmark opens no models")
    }
}

let twins = CommandLine.arguments[1]
let options = IsolatedPlugin.Options(executable: CommandLine.arguments[2])
func runtimes(_ id: String) throws -> [(String, any PluginRuntime)] {
    let c = try load("\(twins)/\(id)-c")
    let swift = try load("\(twins)/\(id)-swift")
    return [
        ("C plugin", try InProcessPlugin.load(c, services: PluginServices())),
        ("Swift plugin", try InProcessPlugin.load(swift, services: PluginServices())),
        ("C plugin, isolated", IsolatedPlugin(c, options: options)),
    ]
}
func request(_ id: String, _ library: PluginLibrary) throws -> ExtensionRequest {
    let schema = library.manifest.provides[0]
    let settings = try SettingsSchema(
        schema.configurationSchema, for: schema.kind,
        at: SourceLocation(path: library.manifest.path))
    return ExtensionRequest(
        extensionID: schema.id, name: id, configuration: try settings.defaults(), seed: 1)
}

let rules =
    [Way(name: "built in", part: try builtIn(.rule, "teacher-majority", registerRules))]
    + (try runtimes("majority").map { name, runtime in
        let id = name.hasPrefix("Swift") ? "majority-swift" : "majority-c"
        return Way(name: name, part: try runtime.makeRule(request(id, load("\(twins)/\(id)"))))
    })
let step = groups()
let ruleTimes = try await medians(rules, rounds: 60, units: 64 * 14) { rule in
    for group in step { _ = try await rule.judge(group) }
}
let optimizers =
    [Way(name: "built in", part: try builtIn(.optimizer, "grpo", registerOptimizers))]
    + (try runtimes("grpo").map { name, runtime in
        let id = name.hasPrefix("Swift") ? "grpo-swift" : "grpo-c"
        return Way(
            name: name, part: try runtime.makeOptimizer(request(id, load("\(twins)/\(id)"))))
    })
let (rollouts, lossBatch) = batch()
let optimizerTimes = try await medians(optimizers, rounds: 60, units: rollouts.tokenCount) {
    _ = try $0.advantages(for: rollouts)
    _ = try $0.loss(for: lossBatch)
}

struct Row: Encodable {
    let part: String
    let way: String
    let nanoseconds: Double
    let spread: Double
    let millisecondsPerStep: Double
}
let rows =
    ruleTimes.map {
        Row(
            part: "rule, per response", way: $0.name, nanoseconds: $0.nanoseconds,
            spread: $0.spread,
            millisecondsPerStep: $0.nanoseconds * 64 * 14 / 1e6)
    }
    + optimizerTimes.map {
        Row(
            part: "optimizer, per token", way: $0.name, nanoseconds: $0.nanoseconds,
            spread: $0.spread,
            millisecondsPerStep: $0.nanoseconds * Double(rollouts.tokenCount) / 1e6)
    }
let encoder = JSONEncoder()
encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
print(String(decoding: try encoder.encode(rows), as: UTF8.self))
