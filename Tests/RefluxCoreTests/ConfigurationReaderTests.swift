import RefluxCore
import Testing

@Suite struct ConfigurationReaderTests {
    private enum Tie: String, CaseIterable { case abstain, random, first }

    private func node(_ value: ConfigurationValue, _ key: String? = nil) -> ConfigurationNode {
        ConfigurationNode(value, at: SourceLocation(path: "run.yaml", line: 4, key: key))
    }

    private func reader(_ keys: [(String, ConfigurationValue)]) throws -> ConfigurationReader {
        let entries = keys.map { ConfigurationEntry($0, node($1, "label.\($0)")) }
        return try ConfigurationReader(node(.table(entries), "label"))
    }

    @Test func valuesAndDefaultsAreReadAndResolved() throws {
        let reader = try reader([
            ("steps", .integer(5)), ("share", .integer(1)), ("name", .string("x")),
            ("tie", .string("random")), ("on", .bool(true)), ("nothing", .null),
            ("list", .list([ConfigurationNode(.integer(1), at: .init(path: "run.yaml"))])),
            ("texts", .string("one")),
        ])
        #expect(reader.remainingKeys.count == 8)
        #expect(try reader.int("steps", default: 1) == 5)
        #expect(try reader.double("share", default: 0.5, in: 0...1) == 1)
        #expect(try reader.string("name", default: "y") == "x")
        #expect(try reader.choice("tie", default: Tie.abstain) == .random)
        #expect(try reader.bool("on", default: false))
        #expect(try reader.int("nothing", default: 9) == 9)
        #expect(try reader.doubles("list", default: []) == [1])
        #expect(try reader.strings("texts", default: []) == ["one"])
        #expect(try reader.optionalDouble("absent") == nil)
        #expect(try reader.choice("other", default: Tie.first) == .first)
        #expect(reader.remainingKeys.isEmpty)
        try reader.finish()
        guard case .table(let entries) = reader.resolved.value else {
            Issue.record("the resolved node is no table")
            return
        }
        #expect(
            entries.map(\.key)
                == ["steps", "share", "name", "tie", "on", "nothing", "list", "texts", "other"])
        #expect(entries[1].node.value == .number(1))
        #expect(entries[5].node.value == .integer(9))
        #expect(entries[8].node.value == .string("first"))
    }

    /// Each wrong value, how it is read, and what the error says.
    private static let wrongValues:
        [(ConfigurationValue, @Sendable (ConfigurationReader) throws -> Void, String)] = [
            (
                .string("5"), { _ = try $0.int("k", default: 1) },
                "the text \"5\"; wanted a whole number"
            ),
            (.number(1.5), { _ = try $0.int("k", default: 1) }, "the number 1.5; wanted a whole"),
            (
                .integer(9), { _ = try $0.int("k", default: 1, in: 0...5) },
                "9; wanted a whole number from 0 to 5"
            ),
            (.integer(-1), { _ = try $0.int("k", default: 1) }, "of at least 0"),
            (
                .bool(true), { _ = try $0.double("k", default: 1) },
                "the truth value true; wanted a number"
            ),
            (
                .number(.nan), { _ = try $0.double("k", default: 1) },
                "wanted a number of at least 0"
            ),
            (.number(1.1), { _ = try $0.double("k", default: 1, in: 0...1) }, "from 0.0 to 1.0"),
            (.integer(3), { _ = try $0.string("k", default: "") }, "the number 3; wanted a text"),
            (.integer(1), { _ = try $0.bool("k", default: true) }, "wanted true or false"),
            (
                .string("radnom"), { _ = try $0.choice("k", default: Tie.first) },
                "wanted one of abstain, random, first. Did you mean \"random\"?"
            ),
            (.integer(1), { _ = try $0.choice("k", default: Tie.first) }, "wanted a text"),
            (.integer(1), { _ = try $0.strings("k", default: []) }, "wanted a list of texts"),
            (.string("x"), { _ = try $0.doubles("k", default: []) }, "wanted a list of numbers"),
            (.string("x"), { _ = try $0.table("k") }, "wanted a table of keys"),
            (.string("x"), { _ = try $0.tables("k") }, "wanted a list of tables"),
            (
                .null, { _ = try $0.requiredString("k", meaning: "a path") },
                "found nothing; wanted a path"
            ),
        ]

    @Test(arguments: wrongValues.indices)
    func wrongValuesAreNamedWithTheirPlace(index: Int) throws {
        let (value, read, words) = Self.wrongValues[index]
        let reader = try reader([("k", value)])
        let error = #expect(throws: RefluxError.self) { try read(reader) }
        #expect(error?.kind == .usage)
        let text = try #require(error).description
        #expect(text.hasPrefix("run.yaml:4: label.k: found "), "\(text)")
        #expect(text.contains(words), "\(text)")
    }

    @Test func missingKeysAreNamedWithTheTable() throws {
        let error = #expect(throws: RefluxError.self) {
            try self.reader([]).requiredString("data", meaning: "a folder")
        }
        #expect(error?.description == "run.yaml:4: label.data: found nothing; wanted a folder.")
    }

    @Test func unknownKeysAreRefusedWithTheNearestKnownOne() throws {
        let reader = try reader([("min_share", .number(0.5)), ("min_margn", .number(0.5))])
        _ = try reader.double("min_share", default: 0)
        _ = try reader.double("min_margin", default: 0)
        let error = #expect(throws: RefluxError.self) { try reader.finish() }
        #expect(
            error?.description
                == "run.yaml:4: label.min_margn: unknown key \"min_margn\". "
                + "Did you mean \"min_margin\"? Known: min_margin, min_share.")
    }

    @Test func nestedTablesKnowTheirPlace() throws {
        let inner = ConfigurationValue.table([
            ConfigurationEntry("a", node(.integer(1), "label.t.a"))
        ])
        let reader = try reader([("t", inner), ("many", .list([node(inner), node(inner)]))])
        #expect(try reader.table("t").int("a", default: 0) == 1)
        #expect(try reader.tables("t").count == 1)
        #expect(try reader.tables("many").count == 2)
        #expect(try reader.tables("none").isEmpty)
        let absent = try reader.table("absent")
        #expect(absent.place(of: "x").key == "label.absent.x")
        #expect(try absent.int("x", default: 3) == 3)
    }

    @Test func nothingIsAnEmptyTableAndATextIsNone() throws {
        try ConfigurationReader(node(.null)).finish()
        let error = #expect(throws: RefluxError.self) {
            try ConfigurationReader(self.node(.string("gsm8k"), "task"))
        }
        #expect(error?.description.contains("found the text \"gsm8k\"; wanted a table") == true)
    }
}
