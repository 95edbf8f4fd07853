import RefluxCore
import RefluxTeachers
import RefluxTesting
import Synchronization
import Testing

@Suite("A local model as teacher")
struct LocalModelTeacherTests {
    private let prompts = (0..<4).map { index in
        Prompt(id: "p/\(index)", index: index, content: .text("q\(index)="), stops: ["!"])
    }

    private func teacher(named name: String? = nil) -> LocalModelTeacher {
        let corpus = (0..<10).map { (prompt: "q=", response: "\($0)!") }
        let context = BuildContext(
            seed: 1, baseFolder: "/nowhere",
            models: LinearEngineProvider(corpora: ["digits": corpus]),
            roles: ["prepared": "digits"])
        return LocalModelTeacher(
            settings: LocalModelSettings(model: "prepared", name: name), context: context)
    }

    private func plan(seed: UInt64 = 7) -> SamplingPlan {
        SamplingPlan(
            samplesPerTemperature: 3, temperatures: [1, 0.5],
            settings: SamplingSettings(maxTokens: 4), seed: seed)
    }

    private func texts(
        _ teacher: LocalModelTeacher, _ prompts: [Prompt], seed: UInt64 = 7
    ) async throws -> [[String]] {
        try await teacher.respond(to: prompts, plan: plan(seed: seed), observer: .silent)
            .map { $0.map(\.text) }
    }

    @Test("keeps the promises of a teacher")
    func conformance() async throws {
        try await TeacherSourceConformance.check(teacher(), prompts: prompts, plan: plan())
    }

    @Test("the model is opened in the teacher's precision, or else in the run's")
    func precision() async throws {
        for (own, expected) in [
            (nil, ModelOptions.Precision.float32), (ModelOptions.Precision.int8, .int8),
        ] as [(ModelOptions.Precision?, ModelOptions.Precision)] {
            let models = WatchedModels()
            let context = BuildContext(
                seed: 1, baseFolder: "/nowhere", models: models, roles: ["prepared": "digits"],
                precision: .float32)
            let teacher = LocalModelTeacher(
                settings: LocalModelSettings(model: "prepared", precision: own), context: context)
            _ = try await texts(teacher, prompts)
            #expect(models.precisions.withLock { $0 } == [expected])
        }
    }

    /// Remembers how models are opened.
    private final class WatchedModels: LanguageModelProvider {
        let name = "watched"
        let precisions = Mutex<[ModelOptions.Precision]>([])

        func open(
            _ path: String, options: ModelOptions
        ) async throws -> any LanguageModelEngine {
            precisions.withLock { $0.append(options.precision) }
            let corpus = [(prompt: "q=", response: "1!")]
            return try await LinearEngineProvider(corpora: ["digits": corpus])
                .open(path, options: options)
        }
    }

    @Test("every response says where it comes from")
    func provenance() async throws {
        let responses = try await teacher(named: "digits")
            .respond(to: prompts, plan: plan(), observer: .silent)
        for (prompt, group) in zip(prompts, responses) {
            #expect(group.map(\.sample) == Array(0..<6))
            #expect(group.map(\.temperature) == [1, 1, 1, 0.5, 0.5, 0.5])
            #expect(group.allSatisfy { $0.promptID == prompt.id && $0.seed == 7 })
            #expect(group.allSatisfy { $0.source == "digits" && $0.model == "digits" })
            #expect(group.allSatisfy { ($0.meanLogProbability ?? 0) < 0 && $0.role == .teacher })
            #expect(group.allSatisfy { !$0.text.contains("!") && ($0.tokenCount ?? 0) <= 4 })
        }
    }

    @Test("a response does not depend on the chunk its prompt is in")
    func chunks() async throws {
        let whole = try await texts(teacher(), prompts)
        let other = teacher()
        let parts =
            try await texts(other, Array(prompts[2...])) + texts(other, Array(prompts[..<2]))
        #expect(whole == Array(parts[2...]) + Array(parts[..<2]))
    }

    @Test("two teachers, two seeds and two temperatures share no random numbers")
    func independence() async throws {
        let one = try await texts(teacher(named: "one"), prompts)
        #expect(try await texts(teacher(named: "two"), prompts) != one)
        #expect(try await texts(teacher(named: "one"), prompts, seed: 8) != one)
        #expect(one.map { $0.prefix(3) } != one.map { $0.suffix(3) })
    }

    @Test("progress counts every response")
    func progress() async throws {
        let last = Mutex((0, 0))
        let observer = RunObserver(progress: { done, total, _ in
            last.withLock { $0 = (max($0.0, done), total) }
        })
        _ = try await teacher().respond(to: prompts, plan: plan(), observer: observer)
        #expect(last.withLock { $0 } == (24, 24))
    }
}

@Suite("The teachers' configuration")
struct TeacherConfigurationTests {
    private let place = SourceLocation(path: "run.yaml", key: "teachers")

    private func make(_ keys: [String: ConfigurationValue]) throws -> any TeacherSource {
        var registry = ExtensionRegistry()
        try registerTeachers(in: &registry)
        let entries = keys.sorted { $0.key < $1.key }.map { key, value in
            ConfigurationEntry(key, ConfigurationNode(value, at: place))
        }
        return try registry.make(
            .teacher, from: ConfigurationReader(ConfigurationNode(.table(entries), at: place)),
            context: BuildContext(seed: 1, baseFolder: "/base", models: LinearEngineProvider()))
    }

    @Test("a teacher is named after its model or its file")
    func names() throws {
        let local = try make(["use": .string("local-model"), "model": .string("~/models/big-1b")])
        #expect(local.name == "big-1b")
        let recorded = try make(["use": .string("recorded"), "path": .string("data/gpt.jsonl.gz")])
        #expect(recorded.name == "gpt")
    }

    @Test(
        "what is wrong is refused where it stands",
        arguments: [
            (["use": .string("local-model")], "model"),
            (["use": .string("recorded"), "path": .string("x"), "mach": .string("id")], "mach"),
            (["use": .string("recorded"), "path": .string("x"), "match": .string("ids")], "ids"),
            (["use": .string("local"), "model": .string("x")], "local-model"),
        ] as [([String: ConfigurationValue], String)])
    func refusals(keys: [String: ConfigurationValue], mention: String) throws {
        let error = try #require(throws: RefluxError.self) { _ = try make(keys) }
        #expect(error.kind == .usage)
        #expect(error.description.contains(mention))
    }

    @Test("stray names of fields are refused")
    func fields() throws {
        let fields = ConfigurationValue.table([
            ConfigurationEntry("txt", ConfigurationNode(.string("response"), at: place))
        ])
        let error = try #require(throws: RefluxError.self) {
            _ = try make(["use": .string("recorded"), "path": .string("x"), "fields": fields])
        }
        #expect(error.remedy?.contains("\"text\"") == true)
    }
}
