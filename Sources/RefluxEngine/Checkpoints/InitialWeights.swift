import Foundation
import RefluxCore

/// Random initial weights: normal numbers, norms 1, biases 0.
///
/// The deviation is .02 as in GPT-2 (Radford et al. 2019), and .04 for models of width 100 and
/// less, which learn too slowly from .02; the matrices that write into the residual stream are
/// divided by the root of twice the number of layers, as there.
struct InitialWeights {
    private let deviation: Double
    private let residualDeviation: Double
    private let seed: UInt64

    init(_ configuration: ModelConfiguration, seed: UInt64) {
        deviation = configuration.width > 100 ? 0.02 : 0.04
        residualDeviation = deviation / Double(2 * configuration.layers).squareRoot()
        self.seed = seed
    }

    /// All parameters of a layout. Equal seeds give equal weights.
    func values(_ layout: ParameterLayout) -> [Float] {
        var values = [Float](repeating: 0, count: layout.count)
        for (index, entry) in layout.entries.enumerated() {
            if entry.isMatrix {
                let key = RandomKey(seed: seed, stage: .prepare, step: index)
                let isResidual = ["o_proj.weight", "down_proj.weight"].contains {
                    entry.name.hasSuffix($0)
                }
                fill(
                    &values, entry.offset, entry.count, key,
                    isResidual ? residualDeviation : deviation)
            } else if !entry.name.hasSuffix(".bias") {
                for i in 0..<entry.count { values[entry.offset + i] = 1 }
            }
        }
        return values
    }

    /// Four numbers at each position of the key, by the method of Box and Muller (1958).
    private func fill(
        _ values: inout [Float], _ offset: Int, _ count: Int, _ key: RandomKey, _ deviation: Double
    ) {
        for start in stride(from: 0, to: count, by: 4) {
            let words = key.words(at: start / 4)
            for pair in 0..<2 {
                let radius = deviation * (-2 * log(uniform(words[2 * pair]))).squareRoot()
                let angle = 2 * Double.pi * uniform(words[2 * pair + 1])
                for (i, value) in [radius * cos(angle), radius * sin(angle)].enumerated()
                where start + 2 * pair + i < count {
                    values[offset + start + 2 * pair + i] = Float(value)
                }
            }
        }
    }

    /// A number strictly between 0 and 1.
    private func uniform(_ word: UInt32) -> Double { (Double(word) + 0.5) * 0x1p-32 }
}
