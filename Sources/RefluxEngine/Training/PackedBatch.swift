import RefluxCore

/// A batch of sequences laid end to end without padding between them.
///
/// Rows are tokens. A few rows of no sequence fill the batch up to a multiple of 32, so that few
/// shapes of products occur; they read token 0 and their gradients are zero.
struct PackedBatch: Sendable {
    /// The rows of one sequence.
    struct Span: Sendable, Equatable {
        /// The first row.
        let first: Int
        /// How many rows.
        let count: Int
    }

    /// Rows are a multiple of this.
    static let rowMultiple = 32
    /// Response tokens are filled up to a multiple of this.
    static let targetMultiple = 16

    /// `[rows]`
    let tokens: [Int32]
    /// Each row's position in its sequence. `[rows]`
    let positions: [Int32]
    /// The sequences, empty ones left out.
    let spans: [Span]
    /// Rows that belong to a sequence.
    let usedRows: Int
    /// The row whose state predicts each response token. `[targets]`, filled up with row 0
    let targetRows: [Int32]
    /// The response tokens. `[targets]`, filled up with 0
    let targets: [Int32]
    /// Response tokens, without those that fill up.
    let targetCount: Int
    /// Where each sequence's response tokens begin; count is sequences + 1.
    let offsets: [Int]

    /// Rows, those that fill up included.
    var rows: Int { tokens.count }

    /// Packs sequences.
    ///
    /// - Throws: ``RefluxError`` of kind `input` for a sequence without a prompt, longer than the
    ///   context, or with an id outside the vocabulary.
    init(_ sequences: [TokenSequence], for configuration: ModelConfiguration) throws {
        var builder = Builder()
        for (index, sequence) in sequences.enumerated() {
            try Self.check(sequence, index, configuration)
            builder.add(sequence)
        }
        usedRows = builder.tokens.count
        targetCount = builder.targets.count
        tokens = builder.tokens.filled(to: Self.rowMultiple)
        positions = builder.positions.filled(to: Self.rowMultiple)
        spans = builder.spans
        targetRows = builder.targetRows.filled(to: Self.targetMultiple)
        targets = builder.targets.filled(to: Self.targetMultiple)
        offsets = builder.offsets
    }

    private static func check(
        _ sequence: TokenSequence, _ index: Int, _ configuration: ModelConfiguration
    ) throws {
        func refuse(_ found: String, _ wanted: String, _ remedy: String) -> RefluxError {
            RefluxError(
                .input, found: "sequence \(index) of the batch has \(found)", wanted: wanted,
                remedy: remedy)
        }
        guard sequence.promptCount >= 1, sequence.responseCount >= 0 else {
            throw refuse(
                "\(sequence.promptCount) prompt tokens of \(sequence.tokens.count)",
                "at least one", "Begin the prompt with a token.")
        }
        guard sequence.tokens.count <= configuration.contextLength else {
            throw refuse(
                "\(sequence.tokens.count) tokens, \(sequence.promptCount) of them its prompt",
                "at most the model's context of \(configuration.contextLength)",
                "Shorten the prompt or the response, or take a model with a longer context.")
        }
        let vocabulary = Int32(clamping: configuration.vocabularySize)
        if let token = sequence.tokens.first(where: { $0 < 0 || $0 >= vocabulary }) {
            throw refuse(
                "the token \(token)", "ids from 0 to \(vocabulary - 1)",
                "Use the model's own tokenizer.")
        }
    }

    private struct Builder {
        var tokens: [Int32] = []
        var positions: [Int32] = []
        var spans: [Span] = []
        var targetRows: [Int32] = []
        var targets: [Int32] = []
        var offsets = [0]

        mutating func add(_ sequence: TokenSequence) {
            let (first, count) = (tokens.count, sequence.tokens.count)
            tokens += sequence.tokens
            positions += (0..<count).map { Int32($0) }
            spans.append(Span(first: first, count: count))
            targets += sequence.tokens[sequence.promptCount...]
            targetRows += (sequence.promptCount..<count).map { Int32(first + $0 - 1) }
            offsets.append(targets.count)
        }
    }
}

extension [Int32] {
    /// The array with zeros up to a multiple of `multiple`.
    fileprivate func filled(to multiple: Int) -> [Int32] {
        self + [Int32](repeating: 0, count: (multiple - count % multiple) % multiple)
    }
}
