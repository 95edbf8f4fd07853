import Foundation
import RefluxCore

/// The arithmetic of ``LinearEngine``: a bigram language model with a linear head over the mean of
/// the tokens read so far, with exact gradients.
///
/// The logits of a token are the row of the token before it; the head's value is b + the mean of
/// u over the tokens read. All parameters are one flat array: `[V * V logits, V of u, b]`.
struct LinearModel: Codable, Equatable, Sendable {
    /// V.
    let vocabularySize: Int
    /// All numbers.
    var parameters: [Double]

    /// Where the head begins.
    var headStart: Int { vocabularySize * vocabularySize }

    /// A model of zeros: every token is equally probable.
    init(vocabularySize: Int) {
        self.vocabularySize = vocabularySize
        parameters = [Double](
            repeating: 0, count: vocabularySize * vocabularySize + vocabularySize + 1)
    }

    /// log p of every token after `previous`. `[V]`
    func logDistribution(after previous: Int32) -> [Double] {
        let start = Int(previous) * vocabularySize
        let row = parameters[start..<start + vocabularySize]
        let largest = row.max() ?? 0
        let total = row.reduce(0) { $0 + exp($1 - largest) }
        let shift = largest + log(total)
        return row.map { $0 - shift }
    }

    /// What was asked to be read of a batch.
    func read(_ batch: [TokenSequence], _ reading: TokenReading) -> TokenReadings {
        var readings = TokenReadings(offsets: [0], logProbabilities: [])
        for sequence in batch {
            for place in sequence.promptCount..<sequence.tokens.count {
                let row = logDistribution(after: sequence.tokens[place - 1])
                readings.logProbabilities.append(Float(row[Int(sequence.tokens[place])]))
                if reading.entropies { readings.entropies.append(Float(entropy(of: row))) }
            }
            if let position = reading.head {
                readings.headValues += headValues(of: sequence, position)
            }
            readings.offsets.append(readings.logProbabilities.count)
        }
        return readings
    }

    /// The gradient of a loss by the parameters, from its derivatives by what was read.
    func gradient(
        _ batch: [TokenSequence], _ reading: TokenReading, _ loss: TokenGradients
    ) -> [Double] {
        var gradient = [Double](repeating: 0, count: parameters.count)
        var token = 0
        for sequence in batch {
            let first = token
            for place in sequence.promptCount..<sequence.tokens.count {
                addLogits(
                    after: sequence.tokens[place - 1], target: Int(sequence.tokens[place]),
                    byLogProbability: number(loss.byLogProbability, token),
                    byEntropy: number(loss.byEntropy, token), to: &gradient)
                token += 1
            }
            if let position = reading.head, !loss.byHeadValue.isEmpty {
                addHead(
                    of: sequence, position, loss.byHeadValue[first..<token].map { Double($0) },
                    to: &gradient)
            }
        }
        return gradient
    }

    private func number(_ numbers: [Float], _ index: Int) -> Double {
        numbers.isEmpty ? 0 : Double(numbers[index])
    }

    private func entropy(of row: [Double]) -> Double { -row.reduce(0) { $0 + exp($1) * $1 } }

    private func addLogits(
        after previous: Int32, target: Int, byLogProbability: Double, byEntropy: Double,
        to gradient: inout [Double]
    ) {
        guard byLogProbability != 0 || byEntropy != 0 else { return }
        let row = logDistribution(after: previous)
        let start = Int(previous) * vocabularySize
        let entropy = byEntropy == 0 ? 0 : entropy(of: row)
        for (id, logP) in row.enumerated() {
            let p = exp(logP)
            gradient[start + id] -= p * (byLogProbability + byEntropy * (logP + entropy))
        }
        gradient[start + target] += byLogProbability
    }

    private func headValues(
        of sequence: TokenSequence, _ position: TokenReading.HeadPosition
    ) -> [Float] {
        let bias = parameters[headStart + vocabularySize]
        var sum = 0.0
        var values: [Float] = []
        for (place, id) in sequence.tokens.enumerated() {
            let isResponse = place >= sequence.promptCount
            if isResponse, position == .beforeToken {
                values.append(Float(bias + sum / Double(place)))
            }
            sum += parameters[headStart + Int(id)]
            if isResponse, position == .afterToken {
                values.append(Float(bias + sum / Double(place + 1)))
            }
        }
        return values
    }

    private func addHead(
        of sequence: TokenSequence, _ position: TokenReading.HeadPosition, _ derivatives: [Double],
        to gradient: inout [Double]
    ) {
        let shift = position == .afterToken ? 1 : 0
        var later = 0.0
        for place in sequence.tokens.indices.reversed() {
            let end = place + 1 - shift
            // The derivative of response token `i` reaches the first `i + shift` tokens.
            if end >= sequence.promptCount, end < sequence.tokens.count {
                later += derivatives[end - sequence.promptCount] / Double(end + shift)
            }
            gradient[headStart + Int(sequence.tokens[place])] += later
        }
        gradient[headStart + vocabularySize] += derivatives.reduce(0, +)
    }
}
