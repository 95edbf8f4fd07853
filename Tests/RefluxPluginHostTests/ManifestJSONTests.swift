import RefluxCore
import Testing

@testable import RefluxPluginHost

@Suite struct ManifestJSONTests {
    private func parse(_ text: String, line: Int? = nil) throws -> JSONNode {
        try JSONDocument.parse(Array(text.utf8), at: SourceLocation(path: "f.json", line: line))
    }

    @Test("every value has its type, and keys keep their order")
    func values() throws {
        let node = try parse(
            #"{"z": [1, -2, 1.0, 2e3, 0.1], "a": null, "é": "\u00e9\n\"\\\/😀", "b": [true, false, {}]}"#
        )
        #expect(
            node.value == [
                "z": .array([.integer(1), .integer(-2), .number(1), .number(2_000), .number(0.1)]),
                "a": .null, "é": .string("é\n\"\\/😀"),
                "b": .array([.bool(true), .bool(false), [:]]),
            ])
    }

    @Test("every value knows its line")
    func lines() throws {
        let node = try parse(
            """
            {
              "a": "x\\"{[,:\\\\",
              "b": [
                1, {"c":
                  2}, [],
                "]"
              ], "d"
              : null
            }
            """)
        #expect(node.line == 1)
        #expect(node["a"]?.line == 2)
        #expect(node["b"]?.line == 3)
        #expect(node["d"]?.line == 8)
        guard case .array(let elements) = node["b"]?.value else { return #expect(Bool(false)) }
        #expect(elements.map(\.line) == [4, 4, 5, 6])
        #expect(elements[1]["c"]?.line == 5)
    }

    @Test("lines count from where the text stood in its file")
    func offset() throws {
        #expect(try parse("{\"a\":\n1}", line: 7)["a"]?.line == 8)
        #expect(
            refusal { _ = try parse("{\n\"a\" 1}", line: 7) }
                == "f.json:8:5: it is not valid JSON: ':' expected near '1'; wanted one JSON "
                + "object. Correct the text at that place. [manifest.json]")
    }

    @Test("32 levels are read and 33 are not")
    func depth() throws {
        let deep = { String(repeating: "[", count: $0) + String(repeating: "]", count: $0) }
        _ = try parse(deep(32))
        #expect(refusal { _ = try parse(deep(33)) }.hasPrefix("f.json:1:33: objects and lists"))
        // Brackets in a text are none.
        _ = try parse("[\"\(String(repeating: "[{", count: 100))\"]")
    }

    @Test("1 MiB is read and a byte more is not")
    func size() throws {
        let blank = { String(repeating: " ", count: (1 << 20) - 2 + $0) }
        _ = try parse("[" + blank(0) + "]")
        #expect(
            refusal { _ = try parse("[" + blank(1) + "]") }
                == "f.json: 1048577 bytes; wanted at most 1048576 bytes. Leave out what does not "
                + "belong there. [manifest.size]")
    }

    @Test("the place of a byte that is no UTF-8 is counted in characters")
    func places() {
        #expect(
            JSONTextFault.first(in: Array("é\nüa".utf8) + [0x80])
                == .init(isNUL: false, line: 2, column: 3))
        #expect(JSONTextFault.first(in: [0x61, 0, 0xFF]) == .init(isNUL: true, line: 1, column: 2))
        #expect(JSONTextFault.first(in: [0xC0, 0xAF]) == .init(isNUL: false, line: 1, column: 1))
        #expect(JSONTextFault.first(in: Array("é\n".utf8)) == nil)
    }

    @Test("what is written reads back as it was")
    func roundTrip() throws {
        let value: JSONValue = [
            "text": .string("a\"\\\n\t\r\u{1}\u{7F}é😀/"), "none": .null, "empty": [:],
            "list": .array([JSONNode]()), "flat": .array([.integer(1), .string("b"), .bool(true)]),
            "deep": .array([["a": .integer(.max)], ["b": .integer(.min)]]),
            "numbers": .array(
                [0.1, 1, 1e300, 1e-300, -0.0, 1e16, 123_456_789.123].map { .number($0) }),
        ]
        #expect(try parse(value.compactText).value == value)
        #expect(try parse(value.prettyText).value == value)
        #expect(try parse(value.prettyText).value.compactText == value.compactText)
    }

    @Test("the pretty text has two spaces a level and flat lists on one line")
    func pretty() {
        let value: JSONValue = [
            "a": .array([.integer(1), .number(2)]), "b": [:], "c": .array([["d": .null]]),
        ]
        #expect(
            value.prettyText == """
                {
                  "a": [1, 2.0],
                  "b": {},
                  "c": [
                    {
                      "d": null
                    }
                  ]
                }

                """)
        #expect(value.compactText == #"{"a":[1,2.0],"b":{},"c":[{"d":null}]}"#)
    }

    @Test("no bytes trap the reader")
    func garbage() throws {
        let sound = Array(#"{"a":[1,2.5,"x\u00e9\n",true,null],"b":{"c":"é"}}"#.utf8)
        var random = SeededNumbers(seed: 7)
        for _ in 0..<5_000 {
            var bytes = sound
            for _ in 0...random.below(4) {
                bytes[random.below(bytes.count)] = UInt8(random.below(256))
            }
            let node = try? JSONDocument.parse(bytes, at: SourceLocation(path: "f.json"))
            guard let node else { continue }
            // What is accepted can be written and read again.
            #expect(try parse(node.value.compactText) == node)
        }
    }
}

/// SplitMix64, for mutations that a seed reproduces.
struct SeededNumbers {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func below(_ limit: Int) -> Int {
        state &+= 0x9E37_79B9_7F4A_7C15
        var bits = state
        bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
        bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
        return Int((bits ^ (bits >> 31)) % UInt64(limit))
    }
}
