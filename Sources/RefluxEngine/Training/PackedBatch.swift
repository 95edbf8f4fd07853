import RefluxCore

/// A batch of sequences laid end to end without padding between them.
///
/// Rows are tokens. Neighbouring sequences of one prompt are a group, which has the prompt's rows
/// once: what a row reads are the tokens before it, and these are the same in all of them. A few
/// rows of no sequence fill the batch up to a multiple of 32, so that few shapes of products occur;
/// they read token 0 and their gradients are zero.
struct PackedBatch: Sendable {
    /// The rows of neighbouring sequences of one prompt, or of one sequence: first those that all of
    /// them share, then each one's own.
    struct Group: Sendable, Equatable {
        /// The first row.
        let first: Int
        /// Rows of the prompt, then of each response; of a sequence alone, all of its rows.
        /// `[1 + responses]` or `[1]`
        var lengths: [Int32]

        /// How many rows.
        var count: Int { lengths.reduce(0) { $0 + Int($1) } }
    }

    /// Rows are a multiple of this.
    static let rowMultiple = 32
    /// Response tokens are filled up to a multiple of this.
    static let targetMultiple = 16
    /// A response that is longer than its prompt by more than this factor begins a group: it would
    /// save few rows, and the attention of a group is not divided among threads.
    private static let longestResponse = 16

    /// `[rows]`
    let tokens: [Int32]
    /// Each row's position in its sequence. `[rows]`
    let positions: [Int32]
    /// The sequences, in their order.
    let groups: [Group]
    /// Rows that belong to a sequence.
    let usedRows: Int
    /// The row whose state predicts each response token; the last row of a shared prompt occurs once
    /// for each response. `[targets]`, filled up with row 0
    let targetRows: [Int32]
    /// The row that each response token is read in. `[targets]`, not filled up
    let responseRows: [Int32]
    /// The response tokens. `[targets]`, filled up with 0
    let targets: [Int32]
    /// Response tokens, without those that fill up.
    let targetCount: Int
    /// Where each sequence's response tokens begin; count is sequences + 1.
    let offsets: [Int]

    /// Rows, those that fill up included.
    var rows: Int { tokens.count }

    /// ``targetRows`` of some targets, those that fill up left out.
    func usedTargetRows(_ targets: Range<Int>) -> ArraySlice<Int32> {
        targetRows[targets.clamped(to: 0..<targetCount)]
    }

    /// Packs sequences.
    ///
    /// - Parameters:
    ///   - sequences: the sequences.
    ///   - configuration: of the model that will read them.
    ///   - sharing: whether neighbours of one prompt share its rows; otherwise every sequence is a
    ///     group of its own.
    /// - Throws: ``RefluxError`` of kind `input` for a sequence without a prompt, longer than the
    ///   context, or with an id outside the vocabulary.
    init(
        _ sequences: [TokenSequence], for configuration: ModelConfiguration,
        sharingPrompts sharing: Bool = true
    ) throws {
        var builder = Builder()
        for (index, sequence) in sequences.enumerated() {
            try Self.check(sequence, index, configuration)
            if !sharing || !builder.join(sequence) { builder.begin(sequence) }
        }
        usedRows = builder.tokens.count
        targetCount = builder.targets.count
        tokens = builder.tokens.filled(to: Self.rowMultiple)
        positions = builder.positions.filled(to: Self.rowMultiple)
        groups = builder.groups
        responseRows = builder.responseRows
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
        var groups: [Group] = []
        var targetRows: [Int32] = []
        var responseRows: [Int32] = []
        var targets: [Int32] = []
        var offsets = [0]
        /// The prompt of the last group.
        private var prompt: ArraySlice<Int32> = []

        /// Appends a sequence as a group of its own.
        mutating func begin(_ sequence: TokenSequence) {
            prompt = sequence.tokens[..<sequence.promptCount]
            groups.append(
                Group(first: tokens.count, lengths: [Int32(sequence.tokens.count)]))
            tokens += prompt
            positions += (0..<prompt.count).map { Int32($0) }
            addResponse(of: sequence)
        }

        /// Appends a sequence to the last group, if it has that one's prompt and is not much longer.
        mutating func join(_ sequence: TokenSequence) -> Bool {
            guard let last = groups.indices.last,
                sequence.responseCount <= PackedBatch.longestResponse * sequence.promptCount,
                sequence.tokens[..<sequence.promptCount] == prompt
            else { return false }
            if groups[last].lengths.count == 1 {
                let count = Int32(prompt.count)
                groups[last].lengths = [count, groups[last].lengths[0] - count]
            }
            groups[last].lengths.append(Int32(sequence.responseCount))
            addResponse(of: sequence)
            return true
        }

        private mutating func addResponse(of sequence: TokenSequence) {
            let response = sequence.tokens[sequence.promptCount...]
            let rows = (tokens.count..<tokens.count + response.count).map { Int32($0) }
            if let last = groups.last, !rows.isEmpty {
                targetRows += [Int32(last.first + prompt.count - 1)] + rows.dropLast()
            }
            responseRows += rows
            tokens += response
            positions += response.indices.map { Int32($0) }
            targets += response
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
