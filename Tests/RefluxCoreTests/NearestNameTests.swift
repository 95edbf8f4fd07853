import RefluxCore
import Testing

@Suite struct NearestNameTests {
    @Test(arguments: [
        ("min_shar", "min_share"), ("minshare", "min_share"), ("tei", "tie"), ("sed", "seed"),
        ("learnig_rte", "learning_rate"), ("tie", "tie"),
    ])
    func aMistypedNameIsFound(name: String, meant: String) {
        let known = ["min_share", "tie", "seed", "learning_rate", "data"]
        #expect(nearestName(to: name, in: known) == meant)
    }

    @Test func farNamesAreNotSuggested() {
        #expect(nearestName(to: "temperature", in: ["seed", "data"]) == nil)
        #expect(nearestName(to: "x", in: [String]()) == nil)
        #expect(suggestion(for: "zzzzzzzz", known: ["b", "a"]) == "Known: a, b.")
        #expect(
            suggestion(for: "sead", known: ["seed", "a"])
                == "Did you mean \"seed\"? Known: a, seed.")
    }

    @Test func tiesGoToTheFirst() {
        #expect(nearestName(to: "ab", in: ["ac", "ad"]) == "ac")
    }
}
