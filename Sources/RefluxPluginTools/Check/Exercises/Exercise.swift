import RefluxCore

/// What the checker does with extensions of one kind: how an instance is made, the inputs that it is
/// given, and what it must do with unusual ones.
///
/// The inputs are a pure function of the seed, so that two processes give the same ones.
protocol Exercise: Sendable {
    /// An instance.
    associatedtype Part: Sendable

    /// How many inputs there are; the first one is ordinary.
    var inputCount: Int { get }

    /// Makes an instance.
    func make(_ bench: Bench) throws -> Part

    /// What an instance makes of an input, as a text that tells apart every bit.
    func output(of input: Int, from part: Part) async throws -> String

    /// A call with so much to do that a cancellation can be seen.
    func longCall(_ part: Part) async throws

    /// What an extension of this kind must do with certain inputs.
    var behaviours: [Behaviour<Part>] { get }
}

/// One test of behaviour.
struct Behaviour<Part: Sendable>: Sendable {
    /// The end of the test's id, behind `EXTENSION/behaviour.`.
    let id: String
    /// What it tests, in a line.
    let description: String
    /// Throws when the behaviour is wrong.
    let body: @Sendable (Part, Bench) async throws -> Void

    init(
        _ id: String, _ description: String,
        body: @escaping @Sendable (Part, Bench) async throws -> Void
    ) {
        self.id = id
        self.description = description
        self.body = body
    }
}

/// What came of one input.
enum Outcome: Sendable, Equatable {
    /// An answer.
    case answer(String)
    /// An error of the host's checks, or one that the extension gave itself.
    case refusal(RefluxError)

    /// The outcome as a text to compare.
    var text: String {
        switch self {
        case .answer(let text): text
        case .refusal(let error): "the error \"\(error.found)\""
        }
    }
}

extension Exercise {
    /// What comes of an input.
    func outcome(of input: Int, from part: Part) async throws -> Outcome {
        do {
            return .answer(try await output(of: input, from: part))
        } catch let error as RefluxError {
            return .refusal(error)
        }
    }

    /// What comes of all inputs, in the order of their numbers, given in an order.
    func transcript(from part: Part, order: [Int]? = nil) async throws -> [String] {
        var texts = [String](repeating: "", count: inputCount)
        for input in order ?? Array(0..<inputCount) {
            texts[input] = try await outcome(of: input, from: part).text
        }
        return texts
    }
}

/// Runs a body in which an extension may refuse with an honest error (one that says why), but may not
/// break its contract.
func allowingRefusal(_ body: () async throws -> Void) async throws {
    do {
        try await body()
    } catch let error as RefluxError where error.isHonestRefusal {
        return
    }
}
