public import RefluxCore

/// A task of a few sums, for tests: `3+4=` is answered by `7`.
public struct TinyTask: TaskEvaluator {
    /// How many examples the training split has.
    public var trainCount: Int
    /// How many examples the other splits have.
    public var testCount: Int

    /// Makes a task.
    public init(train: Int = 12, test: Int = 6) {
        trainCount = train
        testCount = test
    }

    /// `tiny`.
    public var name: String { "tiny" }
    /// `exact`.
    public var metrics: [String] { ["exact"] }

    /// The examples of a split; splits share no question as long as they have at most 50 examples.
    public func examples(in split: Split) -> [Example] {
        let (count, first) =
            switch split {
            case .train: (trainCount, 0)
            case .test: (testCount, 50)
            case .validation: (testCount, 100)
            }
        return (0..<count).map { index in
            let (a, b) = ((first + index) / 10, (first + index) % 10)
            return Example(
                id: "tiny/\(split.rawValue)/\(index)", index: index, question: "\(a)+\(b)=",
                gold: "\(a + b)", solution: "\(a + b)", category: a < 5 ? "small" : "large")
        }
    }

    /// The question, as it stands.
    public func prompt(for example: Example) -> Prompt {
        Prompt(id: example.id, index: example.index, content: .text(example.question))
    }

    /// The last run of ASCII digits, without leading zeros.
    public func answer(in response: String) -> String? {
        let runs = response.utf8.split { !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        guard let last = runs.last else { return nil }
        let digits = last.drop { $0 == UInt8(ascii: "0") }
        return digits.isEmpty ? "0" : String(Substring(digits))
    }

    /// Right when the answer is the gold one.
    public func grade(_ response: String, for example: Example) -> Grade {
        let answer = answer(in: response)
        return Grade(
            correct: ["exact": answer != nil && answer == example.gold], parsed: answer != nil)
    }
}
