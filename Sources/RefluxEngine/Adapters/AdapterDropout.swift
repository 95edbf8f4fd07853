import CKernels
import RefluxCore

/// The masks of dropout on an adapter's inputs, for one batch of a training step.
///
/// An element's mask depends on the seed, the update, the sequence's place among those of the update,
/// the token's place in its sequence, the product and the element: neither on how sequences are
/// batched nor on threads. The mask is shared by the matrices of one product (q, k and v; gate and
/// up), where PEFT draws one for each.
struct AdapterDropout: Sendable {
    /// Some neighbouring rows of the batch.
    struct Rows {
        let dropout: AdapterDropout
        let range: Range<Int>

        /// Copies elements of `bytes` bytes, those that are dropped as zeros. `[rows, width]`; `out`
        /// may be `x`.
        func drop(
            _ x: UnsafeRawPointer, width: Int, bytes: Int, site: Int,
            into out: UnsafeMutableRawPointer
        ) {
            dropout.drop(x, range, width: width, bytes: bytes, site: site, into: out)
        }
    }

    /// What the elements that are left are multiplied by: 1 / (1 - rate).
    let scale: Float
    private let key: RandomKey
    private let threshold: UInt32
    /// Each row's sequence among those of the update. `[rows]`
    private let sequences: [UInt32]
    /// Each row's position in its sequence. `[rows]`
    private let positions: [Int32]

    /// The masks of a batch; `nil` where nothing is dropped.
    ///
    /// - Parameters:
    ///   - rate: the probability, a multiple of 1/65536 after rounding.
    ///   - seed: the seed.
    ///   - update: the update that the batch is for, from 0.
    ///   - batch: the batch; every sequence is a group of its own, because each has its own masks.
    ///   - first: the sequences of the update that went before.
    init?(rate: Double, seed: UInt64, update: Int, batch: PackedBatch, after first: Int) {
        guard rate > 0 else { return nil }
        threshold = UInt32((rate * 65536).rounded())
        scale = Float(65536 / Double(65536 - threshold))
        key = RandomKey(seed: seed, stage: .dropout, step: update)
        positions = batch.positions
        var sequences = [UInt32](repeating: 0, count: batch.rows)
        for (index, group) in batch.groups.enumerated() {
            for row in group.first..<group.first + group.count {
                sequences[row] = UInt32(truncatingIfNeeded: first + index)
            }
        }
        self.sequences = sequences
    }

    /// The masks of some rows.
    func rows(_ range: Range<Int>) -> Rows { Rows(dropout: self, range: range) }

    private func drop(
        _ x: UnsafeRawPointer, _ rows: Range<Int>, width: Int, bytes: Int, site: Int,
        into out: UnsafeMutableRawPointer
    ) {
        let (words, groups) = (key.generatorKey, UInt32((width + 7) / 8))
        for (index, row) in rows.enumerated() {
            var place = reflux_mask_key(
                key: (words.x, words.y), sample: UInt32(truncatingIfNeeded: site),
                prompt: sequences[row], step: key.step)
            let at = index * width * bytes
            reflux_drop(
                &place, UInt32(positions[row]) &* groups, threshold, x + at, out + at,
                Int32(width), Int32(bytes))
        }
    }
}
