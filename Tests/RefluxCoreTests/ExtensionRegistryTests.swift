import RefluxCore
import Testing

@Suite struct ExtensionRegistryTests {
    private struct NoModels: LanguageModelProvider {
        let name = "none"
        func open(_ path: String, options: ModelOptions) async throws -> any LanguageModelEngine {
            throw RefluxError(.input, found: "there are no models")
        }
    }

    private struct Task: TaskEvaluator {
        let name: String
        let metrics = ["exact"]
        func examples(in split: Split) -> [Example] { [] }
        func prompt(for example: Example) -> Prompt {
            Prompt(id: example.id, index: example.index, content: .text(example.question))
        }
        func answer(in response: String) -> String? { nil }
        func grade(_ response: String, for example: Example) -> Grade {
            Grade(correct: [:], parsed: false)
        }
    }

    private let context = BuildContext(seed: 5, baseFolder: "/base", models: NoModels())

    private func registry() throws -> ExtensionRegistry {
        var registry = ExtensionRegistry()
        try registry.register(.task, id: "second", title: "Second") { reader, context in
            Task(name: try reader.string("name", default: "seed \(context.seed)"))
        }
        try registry.register(.task, id: "first", title: "First") { _, _ in Task(name: "first") }
        return registry
    }

    private func reader(_ keys: [(String, String)]) throws -> ConfigurationReader {
        let entries = keys.map { key, text in
            ConfigurationEntry(
                key,
                ConfigurationNode(
                    .string(text), at: SourceLocation(path: "r.yaml", line: 2, key: "task.\(key)")))
        }
        return try ConfigurationReader(
            ConfigurationNode(.table(entries), at: SourceLocation(path: "r.yaml", key: "task")))
    }

    @Test func partsAreMadeFromTheirTable() throws {
        let registry = try registry()
        #expect(registry.list(.task).map(\.id) == ["first", "second"])
        #expect(registry.list(.task).map(\.title) == ["First", "Second"])
        #expect(registry.list(.rule).isEmpty)
        let named = try registry.make(
            .task, from: reader([("use", "second"), ("name", "x")]), context: context)
        #expect(named.name == "x")
        let fallback = try registry.make(
            .task, from: reader([]), default: "second", context: context)
        #expect(fallback.name == "seed 5")
    }

    @Test func aPartMayBeMadeOfOthers() throws {
        var registry = try registry()
        try registry.register(.task, id: "outer", title: "Outer") { reader, context in
            let table = try reader.table("inner")
            let inner = try context.registry.make(.task, from: table, context: context)
            reader.record("inner", table.resolved.value)
            return Task(name: "outer of \(inner.name)")
        }
        let place = SourceLocation(path: "r.yaml", key: "task")
        let node = { (value: ConfigurationValue) in ConfigurationNode(value, at: place) }
        let inner = node(.table([ConfigurationEntry("use", node(.string("second")))]))
        let reader = try ConfigurationReader(
            node(
                .table([
                    ConfigurationEntry("use", node(.string("outer"))),
                    ConfigurationEntry("inner", inner),
                ])))
        #expect(context.registry.list(.task).isEmpty)
        let made = try registry.make(.task, from: reader, context: context)
        #expect(made.name == "outer of seed 5")
        #expect("\(reader.resolved.value)".contains("seed 5"))
    }

    @Test func aTakenIdIsRefused() throws {
        var registry = try registry()
        let error = #expect(throws: RefluxError.self) {
            try registry.register(.task, id: "first", title: "Other") { _, _ in Task(name: "x") }
        }
        #expect(error?.kind == .usage)
        #expect(error?.found == "the task \"first\" is registered already (First)")
        #expect(registry.list(.task).count == 2)
    }

    @Test func anUnknownIdListsTheKnownOnes() throws {
        let error = #expect(throws: RefluxError.self) {
            try self.registry().make(
                .task, from: self.reader([("use", "secnd")]), context: self.context)
        }
        #expect(
            error?.description
                == "r.yaml:2: task.use: unknown task \"secnd\". Did you mean \"second\"? "
                + "Known: first, second.")
    }

    @Test func aMissingIdIsNamed() throws {
        let error = #expect(throws: RefluxError.self) {
            try self.registry().make(.task, from: self.reader([]), context: self.context)
        }
        #expect(error?.description == "r.yaml: task.use: found nothing; wanted the id of a task.")
    }

    @Test func strayKeysAreRefused() throws {
        let error = #expect(throws: RefluxError.self) {
            try self.registry().make(
                .task, from: self.reader([("use", "second"), ("nmae", "x")]), context: self.context)
        }
        #expect(error?.description.contains("unknown key \"nmae\". Did you mean \"name\"?") == true)
    }

    @Test func partsSayWhereTheyComeFromAndWhichFilesDetermineThem() throws {
        var registry = try registry()
        for id in ["third", "good:third"] {
            try registry.register(
                .task, id: id, title: "Third", origin: .plugin("good"),
                files: { table, context in
                    guard case .table(let keys) = table.value else { return [] }
                    return keys.filter { $0.key == "data" }.map { context.resolve($0.key) }
                }, make: { _, _ in Task(name: "third") })
        }
        #expect(registry.origin(of: .task, id: "first") == .builtIn)
        #expect(registry.origin(of: .task, id: "good:third") == .plugin("good"))
        #expect(registry.origin(of: .task, id: "fourth") == nil)
        let table = try ["third", "first"].map { use in
            let reader = try reader([("use", use), ("data", "x")])
            for key in ["use", "data"] { _ = try reader.optionalString(key) }
            return reader.resolved
        }
        #expect(registry.files(.task, of: table[0], context: context) == ["/base/data"])
        #expect(registry.files(.task, of: table[1], context: context).isEmpty)
        #expect(registry.files(.rule, of: table[0], context: context).isEmpty)
    }

    @Test func anUnknownIdMayBeKnownToSomebodyElse() throws {
        var registry = try registry()
        registry.adviceOnUnknown = { kind, id in id == "far" ? "\(kind) \(id) is far." : nil }
        let remedies = ["far", "secnd", "far:secnd"].map { use in
            #expect(throws: RefluxError.self) {
                try registry.make(
                    .task, from: self.reader([("use", use)]), context: self.context)
            }?.remedy
        }
        #expect(
            remedies == [
                "task far is far.", "Did you mean \"second\"? Known: first, second.",
                "Known: first, second.",
            ])
    }

    @Test func pathsAreTakenFromTheBaseFolder() {
        #expect(context.resolve("a/b") == "/base/a/b")
        #expect(context.resolve("/a") == "/a")
        #expect(context.resolve("~/a") == "~/a")
        var roles = context
        roles.roles = ["student": "/models/s"]
        #expect(roles.modelPath("student") == "/models/s")
        #expect(roles.modelPath("other") == "/base/other")
    }
}
