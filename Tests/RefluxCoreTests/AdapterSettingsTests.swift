import Testing

@testable import RefluxCore

@Suite struct AdapterSettingsTests {
    private let place = SourceLocation(path: "run.yaml", key: "student")

    private func node(_ value: ConfigurationValue) -> ConfigurationNode {
        ConfigurationNode(value, at: place)
    }

    /// Reads the key `adapter` of a table.
    private func read(
        _ entries: [(String, ConfigurationValue)]?
    ) throws -> (settings: AdapterSettings?, resolved: ConfigurationValue) {
        let table = entries.map { entries in
            [
                ConfigurationEntry(
                    "adapter",
                    node(.table(entries.map { ConfigurationEntry($0.0, node($0.1)) })))
            ]
        }
        let reader = try ConfigurationReader(node(.table(table ?? [])))
        let settings = try reader.adapter("adapter")
        try reader.finish()
        return (settings, reader.resolved.value)
    }

    @Test func withoutATableThereIsNone() throws {
        let none = try read(nil)
        #expect(none.settings == nil)
        #expect(none.resolved == .table([]))
    }

    @Test func anEmptyTableTakesEveryDefault() throws {
        let settings = try #require(try read([]).settings)
        #expect(settings == AdapterSettings(rank: 16, alpha: 32, dropout: 0))
        #expect(settings.targets == AdapterSettings.Target.allCases)
        #expect(settings.scale == 2)
    }

    @Test func alphaFollowsTheRank() throws {
        let settings = try #require(try read([("rank", .integer(4))]).settings)
        #expect(settings.alpha == 8)
        let stabilized = AdapterSettings(rank: 4, alpha: 8, isRankStabilized: true)
        #expect(stabilized.scale == 4)
    }

    @Test func targetsAreInOrderAndCountOnce() throws {
        let names = ["v_proj", "q_proj", "v_proj"].map { node(.string($0)) }
        let settings = try #require(try read([("targets", .list(names))]).settings)
        #expect(settings.targets == [.query, .value])
    }

    @Test(arguments: [
        ("rank", ConfigurationValue.integer(0)), ("rank", .number(2.5)), ("alpha", .number(-1)),
        ("dropout", .number(1)), ("targets", .list([])), ("targets", .string("q_prj")),
        ("ranks", .integer(4)),
    ])
    func wrongValuesAreRefused(_ key: String, _ value: ConfigurationValue) throws {
        let error = #expect(throws: RefluxError.self) { try read([(key, value)]) }
        #expect(error?.kind == .usage)
        if key == "ranks" { #expect(error?.remedy?.contains("rank") == true) }
        if value == .string("q_prj") { #expect(error?.remedy?.contains("q_proj") == true) }
    }
}
