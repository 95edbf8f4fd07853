import RefluxPluginKit
import RefluxPluginTesting
import Testing

@Suite("Settings") struct SettingsTests {
    @Test("what is left out has its default, what is given counts")
    func defaults() throws {
        let settings = try Settings(["otherwise": 1, "strict": true], for: AnyAnswer.about)
        #expect(try settings.number("otherwise") == 1)
        #expect(try settings.boolean("strict"))
        #expect(try settings.integer("limit") == 3)
        #expect(try settings.numbers("weights") == [0.5, 1])
        #expect(try settings.texts("names") == ["ä", "\"b\""])
        #expect(try settings.choice("mode") == AnyAnswer.Mode.plain)
    }

    @Test("a name that is not declared, or a getter of another type, is an error that names them")
    func getters() throws {
        let settings = try Settings([:], for: AnyAnswer.about)
        #expect { try settings.number("otherwhise") } throws: {
            "\($0)".contains("\"otherwhise\"") && "\($0)".contains("otherwise, mode")
        }
        #expect { try settings.integer("otherwise") } throws: {
            "\($0)".contains("`integer`") && "\($0)".contains("a number from 0.0 to 1.0")
        }
        #expect(throws: PluginError.self) { try settings.numbers("names") }
    }

    @Test(
        "values that are not allowed are refused",
        arguments: [
            ["otherwise": 1.5], ["otherwise": "1"], ["mode": "odd"], ["limit": 2.5],
            ["limit": 11], ["weights": ["a"]], ["unknown": 1], [1],
        ] as [JSONValue])
    func refused(_ json: JSONValue) {
        #expect(throws: PluginError.self) { try Settings(json, for: AnyAnswer.about) }
    }

    @Test("a setting without a default is required")
    func required() throws {
        let about = About(
            id: "x", title: "", description: "", settings: [.path("data", "the file")])
        #expect(throws: PluginError.self) { try Settings([:], for: about) }
        #expect(try Settings(["data": "/a"], for: about).path("data") == "/a")
    }

    @Test("the schema says what the declarations say")
    func schema() throws {
        let schema = try #require(try MockHost(entry: samples.table).schema(of: "any-answer"))
        #expect(schema["type"] == "object")
        #expect(schema["additionalProperties"] == false)
        #expect(schema["required"] == [])
        #expect(
            schema["properties"]?["otherwise"] == [
                "type": "number", "minimum": 0.0, "maximum": 1.0, "default": 0.25,
                "description": "the reward without an answer",
            ])
        #expect(
            schema["properties"]?["names"]
                == [
                    "type": "array", "items": ["type": "string"], "default": ["ä", "\"b\""],
                    "description": "texts",
                ])
    }
}
