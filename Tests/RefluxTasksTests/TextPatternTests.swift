import RefluxCore
import Testing

@testable import RefluxTasks

@Suite struct TextPatternTests {
    @Test func groupsAndRangesAreThoseOfTheMatch() throws {
        let pattern = try TextPattern(#"(\d+)-(x)?(\d+)"#)
        let match = try #require(pattern.first(in: "é 12-34 5-x6"))
        #expect(match[0] == "12-34" && match[1] == "12" && match[3] == "34")
        #expect(match[2] == nil && match[9] == nil)
        #expect(match.range == 3..<8)
        #expect(pattern.last(in: "é 12-34 5-x6")?[2] == "x")
        #expect(pattern.first(in: "none") == nil)
        #expect(pattern.first(in: "") == nil)
    }

    /// The results are those of Python: `[m.group() for m in re.finditer(pattern, text)]`.
    @Test(arguments: [
        (#"a*"#, "baac", ["", "aa", "", ""]),
        (#"a|"#, "éa", ["", "a", ""]),
        (#"\bcat\b"#, "cat cats éclat-cat", ["cat", "cat"]),
        (#"\b1\b"#, "1 é1 1é ٣1 _1 1.", ["1", "1"]),
        (#"\d"#, "٣ 7 ²", ["٣", "7"]),
        (#"\w+"#, "l'été 1_a", ["l", "été", "1_a"]),
        (#"."#, "a\nb\u{2028}", ["a", "b", "\u{2028}"]),
        (#"x$"#, "x\nx\n", ["x"]),
        (#"$"#, "", [""]),
    ])
    func matchesAreThoseOfPython(pattern: String, text: String, matches: [String]) throws {
        #expect(try TextPattern(pattern).all(in: text).map { $0[0] } == matches)
    }

    @Test func aWrongPatternIsToldWithItsPlace() throws {
        let error = #expect(throws: RefluxError.self) { try TextPattern("a(b") }
        #expect(error?.kind == .usage)
        #expect(error?.description.contains("a(b") == true)
        #expect(error?.description.contains("at byte 3") == true)
    }

    @Test func manyTasksMatchAtOnce() async throws {
        let pattern = try TextPattern(#"#### (\d+)"#)
        await withTaskGroup(of: Bool.self) { group in
            for number in 0..<64 {
                group.addTask {
                    (0..<50).allSatisfy { _ in
                        pattern.first(in: "text\n#### \(number)")?[1] == String(number)
                    }
                }
            }
            for await fine in group { #expect(fine) }
        }
    }
}
