import RefluxPluginKit
import Testing

@Suite("JSON") struct JSONTests {
    @Test(
        "a value that is written reads back the same",
        arguments: [
            "null", "true", "-0.5", "9007199254740993", "1e-300", "[1,[2,{\"a\":\"b\"}]]", "{}",
            "\"\\\"\\\\\\n\\u0001ä😀\"", "{\"z\":1,\"a\":2}",
        ])
    func roundTrip(_ text: String) throws {
        let value = try JSONValue(parsing: text)
        #expect(try JSONValue(parsing: value.description) == value)
    }

    @Test("escapes and pairs of surrogates become characters")
    func escapes() throws {
        #expect(try JSONValue(parsing: #""\u00e4\ud83d\ude00\/\t""#) == "ä😀/\t")
    }

    @Test("members keep their order, numbers their kind")
    func order() throws {
        let value = try JSONValue(parsing: #" { "z" : 1 , "a" : 1.0 } "#)
        #expect(value.members?.map(\.name) == ["z", "a"])
        #expect(value["z"] == .integer(1))
        #expect(value["a"]?.integer == 1)
        #expect(value["b"] == nil)
    }

    @Test(
        "what is not JSON is refused",
        arguments: [
            "", "{", "[1,]", "{\"a\":1,\"a\":2}", "01", "1.", "+1", "nul", "\"a", "\"\n\"",
            "\"\\x\"", "\"\\ud83d\"", "\"\\u+123\"", "1 2", "1e999", "-", "--1", "{a:1}", ".5",
        ])
    func wrong(_ text: String) {
        #expect(throws: PluginError.self) { try JSONValue(parsing: text) }
    }

    @Test("nesting that is too deep is refused")
    func depth() {
        let text = String(repeating: "[", count: 100_000)
        #expect(throws: PluginError.self) { try JSONValue(parsing: text) }
    }
}
