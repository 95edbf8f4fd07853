import CKernels

/// The language-model head, forward beside backward: final states to the log-probabilities of given
/// tokens.
///
///     n = rmsnorm(final[targetRows])        [targets, width]
///     logits = n Wᵀ                         [targets, vocabulary], never stored whole
///     log p = logits[target] - log sum exp(logits)
///
/// The way forward goes through the vocabulary block by block with a running softmax. The way back
/// computes the logits again and keeps their gradients for a chunk of rows at a time.
struct LanguageHead {
    let model: Transformer

    /// Bytes of logit gradients that are kept at once, at least for one block of rows.
    private static let chunkBytes = 64 << 20
    private static let blockRows = Transformer.blockRows

    /// What the way forward gives. `[targets]` each, filled up as the batch's targets are.
    struct Output {
        var logProbabilities: [Float]
        var entropies: [Float]
    }

    /// What the way back starts from. `[targets]` each, or empty.
    struct Gradients {
        var byLogProbability: [Float]
        var byEntropy: [Float]
    }

    private var width: Int { model.configuration.width }

    /// Reads the response tokens' log-probabilities, and their entropies if wanted.
    func forward(_ tape: Tape, _ batch: PackedBatch, entropies wanted: Bool) -> Output {
        let count = batch.targets.count
        var logProbabilities = [Float](repeating: 0, count: count)
        var entropies = [Float](repeating: 0, count: wanted ? count : 0)
        logProbabilities.withUnsafeMutableBufferPointer { log in
            entropies.withUnsafeMutableBufferPointer { entropy in
                batch.targets.withUnsafeBufferPointer { targets in
                    nonisolated(unsafe) let (log, entropy) = (log.baseAddress, entropy.baseAddress)
                    guard let log, let targets = targets.baseAddress else { return }
                    model.pool.runBlocks(count, size: Self.blockRows) { rows in
                        readStates(tape, batch, rows)
                        readBlock(
                            tape, rows, targets + rows.lowerBound,
                            log: log + rows.lowerBound,
                            entropies: wanted ? entropy.map { $0 + rows.lowerBound } : nil)
                    }
                }
            }
        }
        return Output(logProbabilities: logProbabilities, entropies: entropies)
    }

    /// Final states to `headInput` and `headScale`.
    private func readStates(_ tape: Tape, _ batch: PackedBatch, _ rows: Range<Int>) {
        let (first, count) = (rows.lowerBound, Int32(rows.count))
        let states = ThreadScratch.rows.floats(rows.count * width)
        batch.targetRows.withUnsafeBufferPointer { ids in
            guard let ids = ids.baseAddress else { return }
            reflux_gather(tape.final, ids + first, count, Int32(width), states)
        }
        reflux_rmsnorm(
            states, model.finalNorm, model.configuration.normEpsilon, count, Int32(width),
            tape.headInput + first * width * model.arithmetic.elementBytes,
            model.arithmetic.flag, tape.headScale + first)
    }

    private func readBlock(
        _ tape: Tape, _ rows: Range<Int>, _ targets: UnsafePointer<Int32>,
        log: UnsafeMutablePointer<Float>, entropies: UnsafeMutablePointer<Float>?
    ) {
        let count = Int32(rows.count)
        let states = ThreadScratch.gradient.bytes(
            rows.count * MemoryLayout<reflux_softmax_state>.stride
        ).assumingMemoryBound(to: reflux_softmax_state.self)
        reflux_softmax_begin(states, count)
        for (block, columns) in model.head.blocks.enumerated() {
            let logits = logits(tape, rows, block)
            reflux_softmax_continue(
                states, logits, columns.count, targets, count, Int32(columns.lowerBound),
                Int32(columns.count), entropies == nil ? 0 : 1)
        }
        reflux_softmax_end(
            states, count, log, tape.headLogSums + rows.lowerBound, entropies)
    }

    /// The logits of a block of rows and of columns, in scratch.
    private func logits(
        _ tape: Tape, _ rows: Range<Int>, _ block: Int
    ) -> UnsafeMutablePointer<Float> {
        let columns = model.head.blocks[block].count
        let logits = ThreadScratch.logits.floats(rows.count * columns)
        model.head.logits(
            block: block,
            operand: tape.headInput + rows.lowerBound * width * model.arithmetic.elementBytes,
            rows: rows.count, into: logits)
        return logits
    }

    /// Adds the gradients of the head's weights and of the final norm to `parameters` (the layout's
    /// order; `nil` where they are not trained), and those of the final states to `hidden`
    /// `[rows, width]`.
    func backward(
        _ tape: Tape, _ batch: PackedBatch, _ output: Output, _ gradients: Gradients,
        hidden: UnsafeMutablePointer<Float>, parameters: UnsafeMutablePointer<Float>?,
        arena: inout Arena
    ) throws {
        let rowBytes = model.head.vocabulary * model.arithmetic.elementBytes
        let blocks = max(1, Self.chunkBytes / rowBytes / Self.blockRows)
        let chunkRows = min(batch.targets.count, blocks * Self.blockRows)
        guard chunkRows > 0 else { return }
        let work = BackwardWork(
            logits: try arena.operand(chunkRows * model.head.vocabulary, model.arithmetic),
            chunkRows: chunkRows,
            changes: try arena.floats(chunkRows * width),
            norm: try arena.floats(blocks * width))
        for start in stride(from: 0, to: batch.targets.count, by: chunkRows) {
            let chunk = start..<min(batch.targets.count, start + chunkRows)
            let count = (chunk.count + Self.blockRows - 1) / Self.blockRows
            model.pool.runBlocks(chunk.count, size: Self.blockRows) { rows in
                let all = start + rows.lowerBound..<start + rows.upperBound
                backwardBlock(tape, batch, output, gradients, all, offset: rows.lowerBound, work)
            }
            model.pool.addRows(
                work.changes, to: hidden, ids: batch.usedTargetRows(chunk), width: width)
            guard let parameters else { continue }
            for block in 0..<count {
                reflux_add(
                    parameters + model.layout.finalNorm, work.norm + block * width, width)
            }
            addWeightGradient(tape, chunk, work, parameters + model.layout.head)
        }
    }

    private struct BackwardWork: @unchecked Sendable {
        /// d loss / d logits of a chunk: for each block of columns, operand `[chunkRows, block]`.
        let logits: UnsafeMutableRawPointer
        /// The most rows of a chunk.
        let chunkRows: Int
        /// d loss / d final states of a chunk. `[chunkRows, width]`
        let changes: UnsafeMutablePointer<Float>
        /// The final norm's gradient by row block. `[blocks, width]`
        let norm: UnsafeMutablePointer<Float>
    }

    private func backwardBlock(
        _ tape: Tape, _ batch: PackedBatch, _ output: Output, _ gradients: Gradients,
        _ rows: Range<Int>, offset: Int, _ work: BackwardWork
    ) {
        let normed = ThreadScratch.gradient.floats(rows.count * width)
        normed.update(repeating: 0, count: rows.count * width)
        for (block, columns) in model.head.blocks.enumerated() {
            let first = work.chunkRows * columns.lowerBound + offset * columns.count
            let logits = work.logits + first * model.arithmetic.elementBytes
            logitGradients(tape, batch, output, gradients, rows, block, into: logits)
            model.head.addTransposed(
                block: block, operand: logits, rows: rows.count, into: normed)
        }
        let norm = work.norm + offset / Self.blockRows * width
        norm.update(repeating: 0, count: width)
        FinalStates(model: model).backward(
            tape.final, ids: batch.usedTargetRows(rows), scale: tape.headScale + rows.lowerBound,
            by: normed, changes: work.changes + offset * width, norm: norm)
    }

    private func logitGradients(
        _ tape: Tape, _ batch: PackedBatch, _ output: Output, _ gradients: Gradients,
        _ rows: Range<Int>, _ block: Int, into out: UnsafeMutableRawPointer
    ) {
        let columns = model.head.blocks[block]
        let logits = logits(tape, rows, block)
        let first = rows.lowerBound
        batch.targets.withUnsafeBufferPointer { targets in
            gradients.byLogProbability.withUnsafeBufferPointer { byLog in
                gradients.byEntropy.withUnsafeBufferPointer { byEntropy in
                    output.entropies.withUnsafeBufferPointer { entropies in
                        guard let targets = targets.baseAddress, let byLog = byLog.baseAddress
                        else { return }
                        let hasEntropy = !byEntropy.isEmpty && !entropies.isEmpty
                        reflux_log_softmax_backward(
                            logits, columns.count, targets + first, tape.headLogSums + first,
                            hasEntropy ? entropies.baseAddress.map { $0 + first } : nil,
                            byLog + first,
                            hasEntropy ? byEntropy.baseAddress.map { $0 + first } : nil,
                            Int32(rows.count), Int32(columns.lowerBound), Int32(columns.count),
                            out, columns.count, model.arithmetic.flag)
                    }
                }
            }
        }
    }

    /// `dW[vocabulary, width] += dlogitsᵀ n` over a chunk of rows.
    private func addWeightGradient(
        _ tape: Tape, _ chunk: Range<Int>, _ work: BackwardWork,
        _ gradient: UnsafeMutablePointer<Float>
    ) {
        let bytes = model.arithmetic.elementBytes
        let tile = WeightGradient.tile(VocabularyMatrix.blockColumns)
        let tiles = model.head.blocks.flatMap { block in
            stride(from: block.lowerBound, to: block.upperBound, by: tile).map {
                (block: block, outputs: $0..<min(block.upperBound, $0 + tile))
            }
        }
        model.pool.run(tiles.count) { task in
            let (block, outputs) = tiles[task]
            let first =
                work.chunkRows * block.lowerBound + outputs.lowerBound - block.lowerBound
            Product.addOuter(
                model.arithmetic, m: outputs.count, n: width, depth: chunk.count,
                work.logits + first * bytes, aStride: block.count,
                tape.headInput + chunk.lowerBound * width * bytes,
                into: gradient + outputs.lowerBound * width)
        }
    }
}
