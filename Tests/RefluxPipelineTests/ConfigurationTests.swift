import RefluxCore
import Testing

@testable import RefluxPipeline

@Suite struct YAMLReaderTests {
    @Test(arguments: [
        ("5", ConfigurationValue.integer(5)), ("-3", .integer(-3)), ("1e-5", .number(1e-5)),
        (".5", .number(0.5)), ("0x10", .integer(16)), ("true", .bool(true)), ("~", .null),
        ("yes", .string("yes")), ("\"5\"", .string("5")), ("'true'", .string("true")),
        ("../data/x", .string("../data/x")), ("~/models", .string("~/models")),
        ("1.2.3", .string("1.2.3")), (".inf", .string(".inf")),
    ])
    func plainScalarsFollowTheCoreSchema(_ text: String, _ value: ConfigurationValue) throws {
        #expect(try YAMLReader.read(text, path: "a").value == value)
    }

    @Test func nodesKnowWhereTheyStood() throws {
        let node = try YAMLReader.read("a: 1\nb:\n  - {c: 2}\n", path: "f.yaml")
        guard case .list(let items)? = node["b"]?.value else {
            Issue.record("no list")
            return
        }
        #expect(
            items[0]["c"]?.location
                == SourceLocation(path: "f.yaml", line: 3, column: 6, key: "b.0.c"))
    }

    @Test(arguments: [
        ("a: [1\nb: 2\n", 2), ("a: 1\n b: 2\n", 2), ("a: \"x\n", 2), ("a: *b\n", 1),
        ("a: 1\nb: 2\na: 3\n", 1), ("a: 1\n---\nb: 2\n", 2),
    ])
    func wrongYAMLIsRefusedWithItsLine(_ text: String, _ line: Int) throws {
        let error = try #require(throws: RefluxError.self) {
            _ = try YAMLReader.read(text, path: "f.yaml")
        }
        #expect(error.kind == .usage)
        #expect(error.location?.line == line, "\(error)")
    }

    @Test func nestedAliasesCannotGrowWithoutBound() {
        var text = "a0: &a0 [1,1,1,1,1,1,1,1,1,1]\n"
        for level in 1...7 {
            let inner = Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ",")
            text += "a\(level): &a\(level) [\(inner)]\n"
        }
        #expect(throws: RefluxError.self) { try YAMLReader.read(text, path: "f.yaml") }
    }

    @Test(arguments: [
        "a: 1", "a: {b: [1, 2.5, x y, \"\"], c: null}", "- {a: 1}\n- [2]",
        "a: \"line\\nbreak \\\"quoted\\\" \\\\ \\x01 # no: comment\"", "\"5\": \"no\"", "a: {}",
        "a: []", "a:\n  - b: {c: [{d: 1}, {e: -7}]}\n    f: true", "a: 1e-05",
        "x: {\"a b\": \"é\"}",
    ])
    func writtenYAMLReadsBackToTheSameValues(_ text: String) throws {
        let node = try YAMLReader.read(text, path: "f")
        let again = try YAMLReader.read(YAMLWriter.text(of: node), path: "f")
        #expect(YAMLWriter.inline(again.value) == YAMLWriter.inline(node.value))
        #expect(again.value.withoutPlaces == node.value.withoutPlaces)
    }
}

@Suite struct ConfigurationOverrideTests {
    private func set(_ overrides: String..., in text: String) throws -> String {
        var node = try YAMLReader.read(text, path: "f.yaml")
        for override in overrides {
            node = try ConfigurationOverride(parsing: override).applied(to: node)
        }
        return YAMLWriter.inline(node.value)
    }

    @Test func valuesAreReplacedAndAdded() throws {
        #expect(try set("a.b=2", in: "a: {b: 1, c: 3}") == "{a: {b: 2, c: 3}}")
        #expect(try set("a.d=[0.6, 1]", in: "a: {b: 1}") == "{a: {b: 1, d: [0.6, 1]}}")
        #expect(try set("p.q.r=t", in: "a: 1") == "{a: 1, p: {q: {r: t}}}")
        #expect(try set("a.1.b=5", in: "a: [{b: 1}, {b: 2}]") == "{a: [{b: 1}, {b: 5}]}")
        #expect(try set("a=b=c", in: "a: 1") == "{a: \"b=c\"}")
        #expect(try set("a=1", "a=2", in: "a: 0") == "{a: 2}")
    }

    @Test(arguments: ["a", "=5", "a..b=1", "a.2.b=1", "a.x=1", "b.c=1", "a=[1"])
    func waysThatLeadNowhereAreRefused(_ override: String) {
        let error = #expect(throws: RefluxError.self) {
            try set(override, in: "a: [{b: 1}]\nb: 5")
        }
        #expect(error?.kind == .usage)
    }
}

extension ConfigurationValue {
    /// The value with all locations made equal, for comparing values from two files.
    var withoutPlaces: ConfigurationValue {
        let nowhere = SourceLocation(path: "")
        return switch self {
        case .list(let nodes):
            .list(nodes.map { ConfigurationNode($0.value.withoutPlaces, at: nowhere) })
        case .table(let entries):
            .table(
                entries.map {
                    let node = ConfigurationNode($0.node.value.withoutPlaces, at: nowhere)
                    return ConfigurationEntry($0.key, node)
                })
        default: self
        }
    }
}
