import Foundation
import RefluxCore
import Testing

@testable import RefluxPluginHost

@Suite struct SchemaTests {
    private static let text = """
        {"type": "object", "additionalProperties": false, "required": ["data"], "properties": {
          "tolerance": {"type": "number", "default": 1, "minimum": 0, "maximum": 10.5,
                        "description": "how far off an answer may be"},
          "rounds": {"type": "integer", "default": 3, "minimum": 1, "description": "how often"},
          "strict": {"type": "boolean", "default": false, "description": "whether"},
          "shape": {"type": "string", "enum": ["linear", "square"], "default": "linear",
                    "description": "how it falls"},
          "title": {"type": "string", "default": "a \\"b\\"", "description": "a text"},
          "data": {"type": "string", "format": "path", "description": "the file of phrases"},
          "extra": {"type": "string", "format": "path", "default": "", "description": "more"},
          "weights": {"type": "array", "items": {"type": "number"}, "default": [1, 0.5],
                      "description": "weights"},
          "words": {"type": "array", "items": {"type": "string"}, "default": [],
                    "description": "words"}
        }}
        """

    private func schema(_ text: String = text, _ kind: PluginKind = .pseudoRewardRule) throws
        -> SettingsSchema
    {
        try SettingsSchema(text, for: kind, at: SourceLocation(path: "s.json"))
    }

    /// A table of a run file, a key a line from line 2.
    private func table(_ values: KeyValuePairs<String, ConfigurationValue>) throws
        -> ConfigurationReader
    {
        let place = { (line: Int, key: String) in
            SourceLocation(path: "run.yaml", line: line, key: key)
        }
        let entries = values.enumerated().map { index, pair in
            ConfigurationEntry(
                pair.key, ConfigurationNode(pair.value, at: place(index + 2, "label.\(pair.key)")))
        }
        return try ConfigurationReader(ConfigurationNode(.table(entries), at: place(1, "label")))
    }

    private func list(_ values: ConfigurationValue...) -> ConfigurationValue {
        .list(
            values.enumerated().map { index, value in
                ConfigurationNode(
                    value, at: SourceLocation(path: "run.yaml", line: 9, key: "label.x[\(index)]"))
            })
    }

    @Test("defaults are filled in, in the order of the schema, and paths are absolute")
    func defaults() throws {
        let reader = try table(["data": .string("phrases.txt")])
        let settings = try schema().read(reader, baseFolder: "/home/me/run")
        try reader.finish()
        #expect(
            settings.json == #"{"tolerance":1.0,"rounds":3,"strict":false,"shape":"linear","#
                + #""title":"a \"b\"","data":"/home/me/run/phrases.txt","extra":"","#
                + #""weights":[1.0,0.5],"words":[]}"#)
        #expect(settings.files == ["/home/me/run/phrases.txt"])
    }

    @Test("what the run file says is taken and recorded, paths as they were written")
    func given() throws {
        let reader = try table([
            "words": .string("one"), "weights": list(.integer(2), .number(0.25)),
            "extra": .string("/abs/extra"), "data": .string("~/data"), "strict": .bool(true),
            "shape": .string("square"), "rounds": .integer(7), "tolerance": .number(10.5),
            "title": .string("t"),
        ])
        let settings = try schema().read(reader, baseFolder: "/home/me/run/")
        try reader.finish()
        let home = NSHomeDirectory()
        #expect(
            settings.json == #"{"tolerance":10.5,"rounds":7,"strict":true,"shape":"square","#
                + #""title":"t","data":"\#(home)/data","extra":"/abs/extra","#
                + #""weights":[2.0,0.25],"words":["one"]}"#)
        #expect(settings.files == ["\(home)/data", "/abs/extra"])
        guard case .table(let entries) = reader.resolved.value else {
            Issue.record("no table")
            return
        }
        #expect(try entries.map(\.key) == schema().properties.map(\.name))
        #expect(entries[5].node.value == .string("~/data"))
        #expect(entries[5].node.location.line == 5)
    }

    @Test("a relative base folder counts from the current one")
    func relativeBase() throws {
        let settings = try schema().read(try table(["data": .string("a")]), baseFolder: "runs")
        #expect(settings.files == [FileManager.default.currentDirectoryPath + "/runs/a"])
    }

    @Test("settings are the same in every order of the run file")
    func order() throws {
        let one = try table(["data": .string("/a"), "rounds": .integer(2)])
        let other = try table(["rounds": .integer(2), "data": .string("/a")])
        #expect(
            try schema().read(one, baseFolder: "/").json
                == schema().read(other, baseFolder: "/").json)
    }

    private static let wrong: [(String, ConfigurationValue, String)] = [
        (
            "tolerance", .number(11),
            "found the number 11.0; wanted a number from 0 to 10.5."
        ),
        (
            "tolerance", .number(.nan),
            "found the number nan; wanted a number from 0 to 10.5."
        ),
        (
            "tolerance", .string("1"),
            "found the text \"1\"; wanted a number from 0 to 10.5."
        ),
        (
            "rounds", .integer(0),
            "found the number 0; wanted a whole number of at least 1."
        ),
        (
            "rounds", .number(2),
            "found the number 2.0; wanted a whole number of at least 1."
        ),
        ("strict", .string("yes"), "found the text \"yes\"; wanted true or false."),
        (
            "shape", .string("linaer"),
            "found the text \"linaer\"; wanted one of linear, square. Did you mean \"linear\"?"
        ),
        ("title", .integer(3), "found the number 3; wanted a text."),
        ("data", .string(""), "found the text \"\"; wanted a path."),
        ("data", .bool(true), "found the truth value true; wanted a path."),
        ("words", .integer(3), "found the number 3; wanted a list of texts."),
        ("weights", .table([]), "found a table of keys; wanted a list of numbers."),
    ]

    @Test("wrong values are refused with file, line and key", arguments: wrong.indices)
    func wrongValues(index: Int) throws {
        let (key, value, text) = Self.wrong[index]
        let reader = try table(["use": .string("x"), key: value, "data": .string("/d")])
        #expect(
            refusal { _ = try schema().read(reader, baseFolder: "/") }
                == "run.yaml:3: label.\(key): \(text)")
    }

    @Test("a wrong element of a list is named by its place")
    func wrongElement() throws {
        let reader = try table(["data": .string("/d"), "weights": list(.integer(1), .string("a"))])
        #expect(
            refusal { _ = try schema().read(reader, baseFolder: "/") }
                == "run.yaml:9: label.x[1]: found the text \"a\"; wanted a list of numbers.")
    }

    @Test("a required setting that is not there is named with what it does")
    func required() throws {
        #expect(
            refusal { _ = try schema().read(try table([:]), baseFolder: "/") }
                == "run.yaml:1: label.data: found nothing; wanted a path. It is required: the file "
                + "of phrases.")
        #expect(
            refusal { _ = try schema().defaults() }
                == "no value for \"data\"; wanted a value for every setting that is required. "
                + "Give them, or give them defaults in the schema.")
    }

    @Test("keys that no setting has are refused by the reader, with the nearest one")
    func unknown() throws {
        let reader = try table(["data": .string("/d"), "tolerence": .integer(1)])
        _ = try schema().read(reader, baseFolder: "/")
        #expect(
            refusal { try reader.finish() }.hasPrefix(
                "run.yaml:3: label.tolerence: unknown key \"tolerence\". Did you mean "
                    + "\"tolerance\"? Known: "))
    }

    @Test("an empty text is the schema of an extension without settings")
    func empty() throws {
        #expect(try schema("").properties.isEmpty)
        #expect(try schema("").defaults() == "{}")
        #expect(try schema("") == schema(#"{"type":"object","properties":{}}"#))
    }

    @Test("defaults alone are JSON of every key")
    func defaultsAlone() throws {
        let text = Self.text.replacingOccurrences(of: #""required": ["data"], "#, with: "")
            .replacingOccurrences(
                of: "\"format\": \"path\", \"desc", with: "\"default\": \"\", \"desc")
        #expect(
            try schema(text).defaults() == #"{"tolerance":1.0,"rounds":3,"strict":false,"#
                + #""shape":"linear","title":"a \"b\"","data":"","extra":"","#
                + #""weights":[1.0,0.5],"words":[]}"#)
    }

    @Test("the keys of the run file's section are taken, by kind", arguments: PluginKind.allCases)
    func reserved(kind: PluginKind) throws {
        for name in SettingsSchema.reservedNames(for: kind) {
            let text = """
                {"type": "object", "properties": {
                  "\(name)": {"type": "boolean", "default": true, "description": "d"}}}
                """
            #expect(
                refusal { _ = try schema(text, kind) }.hasPrefix(
                    "s.json:2: properties.\(name): a setting with the name \"\(name)\"; wanted a "
                        + "name that the host does not read itself beside a \(kind.name). Rename "
                        + "it. Taken: use, load, name"))
        }
        #expect(!SettingsSchema.reservedNames(for: .pseudoRewardRule).contains("steps"))
        #expect(SettingsSchema.reservedNames(for: .policyOptimizer).contains("steps"))
    }

    @Test("a text that is no JSON is named as a schema")
    func notJSON() {
        #expect(
            refusal { _ = try schema("{\"type\":") }
                == "s.json:1:8: it is not valid JSON: unexpected token near end of file; wanted one "
                + "JSON object. Correct the text at that place. [manifest.schema]")
    }
}
