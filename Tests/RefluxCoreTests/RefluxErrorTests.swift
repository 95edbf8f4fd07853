import RefluxCore
import Testing

@Suite struct RefluxErrorTests {
    @Test func theTextHoldsEveryPartInOrder() {
        let place = SourceLocation(path: "run.yaml", line: 7, column: 3, key: "reinforce.steps")
        let error = RefluxError(
            .usage, found: "found the text \"x\"", at: place, wanted: "a whole number",
            remedy: "Write a number.")
        #expect(
            error.description
                == "run.yaml:7:3: reinforce.steps: found the text \"x\"; wanted a whole number. "
                + "Write a number.")
    }

    @Test func missingPartsLeaveNoTrace() {
        #expect(RefluxError(.input, found: "nothing").description == "nothing.")
        #expect(SourceLocation(path: "a", key: "k").description == "a: k")
        #expect(SourceLocation(path: "a", line: 2).description == "a:2")
    }

    @Test(arguments: [
        RefluxError.Kind.usage, .input, .system, .numeric, .refused, .internalFault,
    ])
    func onlyUsageEndsWithTwo(kind: RefluxError.Kind) {
        #expect(RefluxError(kind, found: "x").exitCode == (kind == .usage ? 2 : 1))
    }
}
