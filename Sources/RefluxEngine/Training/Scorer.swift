import RefluxCore

/// Reads batches and back-propagates losses: a model, its scalar head and the memory for the
/// passes.
///
/// Not thread-safe: the engine serialises its calls.
final class Scorer {
    let model: Transformer
    let head: ScalarHead?
    /// Absent for frozen models.
    let optimizer: AdamW?
    /// What forward passes of training keep.
    private let extent: TapeExtent
    private var arena = Arena()
    /// The seed of an adapter's dropout.
    private let seed: UInt64
    /// The sequences of the coming update so far.
    private var sequences = 0

    /// Rows that ``read(_:reading:)`` holds in memory at once; fixed, so that results do not depend
    /// on how callers form batches.
    private static let chunkRows = 4096

    /// Puts the parts together.
    init(
        model: Transformer, head: ScalarHead?, optimizer: AdamW?,
        keeping extent: TapeExtent = .everything, seed: UInt64 = 0
    ) {
        self.extent = extent
        self.model = model
        self.head = head
        self.optimizer = optimizer
        self.seed = seed
    }

    /// Begins a new update: sequences are counted anew.
    func beginUpdate() { sequences = 0 }

    /// Reads the response tokens of any number of sequences, a chunk at a time.
    ///
    /// - Throws: ``RefluxError``: see ``PackedBatch``; kind `usage` without a head to read; kind
    ///   `numeric` when the model gives numbers that are not finite.
    func read(_ sequences: [TokenSequence], reading: TokenReading) throws -> TokenReadings {
        var all = TokenReadings(offsets: [0], logProbabilities: [])
        for chunk in Self.chunks(sequences) {
            let batch = try PackedBatch(Array(sequences[chunk]), for: model.configuration)
            let pass = try forward(batch, reading, Passes(model: model), keeping: .nothing)
            try FiniteCheck.check(pass.readings)
            let before = all.logProbabilities.count
            all.logProbabilities += pass.readings.logProbabilities
            all.entropies += pass.readings.entropies
            all.headValues += pass.readings.headValues
            all.offsets += pass.readings.offsets.dropFirst().map { before + $0 }
        }
        return all
    }

    /// Ranges of neighbouring sequences of at most ``chunkRows`` tokens, or of one longer sequence.
    static func chunks(_ sequences: [TokenSequence]) -> [Range<Int>] {
        var chunks: [Range<Int>] = []
        var (first, rows) = (0, 0)
        for (index, sequence) in sequences.enumerated() {
            if index > first, rows + sequence.tokens.count > chunkRows {
                chunks.append(first..<index)
                (first, rows) = (index, 0)
            }
            rows += sequence.tokens.count
        }
        return first < sequences.count ? chunks + [first..<sequences.count] : chunks
    }

    /// Runs a batch forward, asks for the loss, and adds its gradient to the collected ones.
    ///
    /// - Throws: ``RefluxError`` of kind `numeric` when the loss or a derivative is not finite (all
    ///   collected gradients are then cleared), and what `loss` throws.
    func accumulate(
        _ sequences: [TokenSequence], reading: TokenReading,
        loss: (TokenReadings) throws -> TokenGradients
    ) throws -> TokenReadings {
        guard let optimizer else {
            throw RefluxError(
                .usage, found: "a gradient was asked of a model that was opened as frozen",
                remedy: "Open it with trainable: true.")
        }
        let rate = model.adapter?.settings.dropout ?? 0
        let batch = try PackedBatch(
            sequences, for: model.configuration, sharingPrompts: rate == 0)
        let dropout = AdapterDropout(
            rate: rate, seed: seed, update: optimizer.step, batch: batch, after: self.sequences)
        let passes = Passes(model: model, dropout: dropout)
        let pass = try forward(batch, reading, passes, keeping: extent)
        let gradients = try loss(pass.readings)
        do {
            try FiniteCheck.check(gradients, for: pass.readings)
        } catch {
            optimizer.clear()
            beginUpdate()
            throw error
        }
        try backward(batch, pass, reading, gradients, passes, optimizer)
        self.sequences += sequences.count
        return pass.readings
    }

    private struct Pass {
        let tape: Tape
        let output: LanguageHead.Output
        let readings: TokenReadings
    }

    private func forward(
        _ batch: PackedBatch, _ reading: TokenReading, _ passes: Passes, keeping extent: TapeExtent
    ) throws -> Pass {
        if reading.head != nil, head == nil {
            throw RefluxError(
                .usage, found: "head values were asked of a model without a scalar head",
                remedy: "Open the model with a head.")
        }
        arena.reset()
        let tape = try Tape(
            &arena, batch: batch, configuration: model.configuration,
            arithmetic: model.arithmetic, keeping: extent)
        guard batch.usedRows > 0 else {
            return Pass(
                tape: tape, output: .init(logProbabilities: [], entropies: []),
                readings: TokenReadings(offsets: batch.offsets, logProbabilities: []))
        }
        passes.forward(batch, tape)
        let output = LanguageHead(model: model).forward(
            tape, batch, entropies: reading.entropies)
        let values = reading.head.flatMap { position in
            head?.forward(tape.final, ids: batch.rows(read: position), model: model)
        }
        try Product.throwFailure()
        let readings = TokenReadings(
            offsets: batch.offsets,
            logProbabilities: Array(output.logProbabilities.prefix(batch.targetCount)),
            entropies: Array(output.entropies.prefix(batch.targetCount)),
            headValues: values ?? [])
        return Pass(tape: tape, output: output, readings: readings)
    }

    private func backward(
        _ batch: PackedBatch, _ pass: Pass, _ reading: TokenReading, _ gradients: TokenGradients,
        _ passes: Passes, _ optimizer: AdamW
    ) throws {
        guard batch.targetCount > 0 else { return }
        var layers = try LayerGradients(
            &arena, batch: batch, configuration: model.configuration,
            arithmetic: model.arithmetic)
        let trained = optimizer.groups[0].gradientBase
        let parameters = optimizer.isOfAdapter ? nil : trained
        layers.adapter = try model.adapter.map {
            try AdapterGradients(
                &arena, of: $0, rows: batch.rows, gradient: trained, dropout: passes.dropout,
                arithmetic: model.arithmetic)
        }
        layers.hidden.update(repeating: 0, count: batch.rows * model.configuration.width)
        let padded = batch.targets.count
        try LanguageHead(model: model).backward(
            pass.tape, batch, pass.output,
            .init(
                byLogProbability: gradients.byLogProbability.filled(to: padded),
                byEntropy: gradients.byEntropy.isEmpty
                    ? [] : gradients.byEntropy.filled(to: padded)),
            hidden: layers.hidden, parameters: parameters, arena: &arena)
        if let head, let position = reading.head, !gradients.byHeadValue.isEmpty,
            optimizer.groups.count > 1
        {
            try head.backward(
                pass.tape.final, ids: batch.rows(read: position), byValue: gradients.byHeadValue,
                model: model, gradient: optimizer.groups[1].gradientBase, hidden: layers.hidden,
                norm: parameters.map { $0 + model.layout.finalNorm }, arena: &arena)
        }
        passes.backward(batch, pass.tape, layers, parameters: parameters)
        try Product.throwFailure()
    }
}

extension PackedBatch {
    /// The rows whose states a scalar head reads, one a response token.
    fileprivate func rows(read position: TokenReading.HeadPosition) -> [Int32] {
        switch position {
        case .beforeToken: Array(usedTargetRows(0..<targetCount))
        case .afterToken: responseRows
        }
    }
}

extension [Float] {
    /// The array with zeros up to `count`.
    fileprivate func filled(to count: Int) -> [Float] {
        self + [Float](repeating: 0, count: Swift.max(0, count - self.count))
    }
}
