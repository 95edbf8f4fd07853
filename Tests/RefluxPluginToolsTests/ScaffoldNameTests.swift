import RefluxCore
import Testing

@testable import RefluxPluginTools

@Suite("The name of a new plugin")
struct ScaffoldNameTests {
    @Test("gives the names that the languages want")
    func derives() throws {
        let name = try ScaffoldName("length-bonus-2", builtIns: [])
        #expect(name.symbol == "length_bonus_2")
        #expect(name.module == "LengthBonus2")
        #expect(name.title == "Length bonus 2")
    }

    @Test("that begins with a digit still gives identifiers")
    func digit() throws {
        let name = try ScaffoldName("7up", builtIns: [])
        #expect(name.symbol == "plugin_7up")
        #expect(name.module == "Plugin7up")
    }

    @Test(
        "that is malformed is refused with the nearest good one",
        arguments: [
            ("Length Bonus", "length-bonus"), ("../evil", "evil"), ("a--b", "a-b"),
            ("-a", "a"), ("", "my-plugin"), ("ä", "my-plugin"),
            ("org.example.rule", "org-example-rule"),
            ("a/b", "a-b"), (String(repeating: "x", count: 65), String(repeating: "x", count: 64)),
        ])
    func malformed(_ text: String, _ suggestion: String) throws {
        let error = try #require(throws: RefluxError.self) { try ScaffoldName(text, builtIns: []) }
        #expect(error.kind == .usage)
        #expect(error.remedy == "Take for instance \"\(suggestion)\".")
        _ = try ScaffoldName(suggestion, builtIns: [])
    }

    @Test("of a built-in part is refused")
    func shadow() throws {
        let error = try #require(throws: RefluxError.self) {
            try ScaffoldName("majority", builtIns: ["majority", "ppo"])
        }
        #expect(error.found == "the name \"majority\", which a built-in part has")
        #expect(error.remedy == "Take for instance \"my-majority\".")
    }

    @Test("whose module would hide one of the language's is refused")
    func module() throws {
        let error = try #require(throws: RefluxError.self) {
            try ScaffoldName("foundation", builtIns: [])
        }
        #expect(error.kind == .usage)
    }
}
