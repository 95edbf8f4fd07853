import Foundation

@testable import RefluxEngine

/// The transformer written out in plain loops and doubles, from its definition (Touvron et al.,
/// arXiv 2302.13971): what the fast paths are compared with.
struct PlainTransformer {
    let model: Transformer

    private var c: ModelConfiguration { model.configuration }

    /// Log-probabilities of every next token after each token. `[tokens][vocabulary]`
    func logProbabilities(_ tokens: [Int32]) -> [[Double]] {
        var states = tokens.map { vector(model.layout.embedding + Int($0) * c.width, c.width) }
        for layer in model.layout.layers { run(layer, &states) }
        return states.map { state in
            let logits = product(
                model.layout.head, c.vocabularySize, normed(state, model.layout.finalNorm))
            let top = logits.max() ?? 0
            let sum = logits.reduce(0) { $0 + exp($1 - top) }
            return logits.map { $0 - top - log(sum) }
        }
    }

    private func run(_ layer: ParameterLayout.Layer, _ states: inout [[Double]]) {
        let projected = states.enumerated().map { position, state in
            let input = normed(state, layer.attentionNorm)
            var row = product(layer.projection, c.projectionWidth, input)
            if let bias = layer.projectionBias {
                let numbers = vector(bias, c.projectionWidth)
                for i in row.indices { row[i] += numbers[i] }
            }
            for head in 0..<(c.heads + c.keyValueHeads) {
                turn(&row, from: head * c.headWidth, position: position)
            }
            return row
        }
        for t in states.indices {
            let mixed = product(layer.output, c.width, attended(projected, t))
            for i in 0..<c.width { states[t][i] += mixed[i] }
            let input = normed(states[t], layer.feedForwardNorm)
            let both = product(layer.gateUp, 2 * c.feedForward, input)
            let gated = (0..<c.feedForward).map {
                both[$0] / (1 + exp(-both[$0])) * both[c.feedForward + $0]
            }
            let down = product(layer.down, c.width, gated)
            for i in 0..<c.width { states[t][i] += down[i] }
        }
    }

    private func attended(_ rows: [[Double]], _ t: Int) -> [Double] {
        var out: [Double] = []
        for head in 0..<c.heads {
            let query = head * c.headWidth
            let key = c.queryWidth + head / c.group * c.headWidth
            let value = key + c.keyValueWidth
            let weights = (0...t).map { s in
                exp(
                    (0..<c.headWidth).reduce(0) { $0 + rows[t][query + $1] * rows[s][key + $1] }
                        / Double(c.headWidth).squareRoot())
            }
            let sum = weights.reduce(0, +)
            out += (0..<c.headWidth).map { i in
                (0...t).reduce(0) { $0 + weights[$1] * rows[$1][value + i] } / sum
            }
        }
        return out
    }

    private func turn(_ row: inout [Double], from: Int, position: Int) {
        let half = c.headWidth / 2
        for i in 0..<half {
            let angle = Double(position) * pow(c.ropeBase, -2 * Double(i) / Double(c.headWidth))
            let (x, y) = (row[from + i], row[from + half + i])
            row[from + i] = x * cos(angle) - y * sin(angle)
            row[from + half + i] = y * cos(angle) + x * sin(angle)
        }
    }

    private func normed(_ x: [Double], _ weight: Int) -> [Double] {
        let mean = x.reduce(0) { $0 + $1 * $1 } / Double(x.count)
        let scale = 1 / (mean + Double(c.normEpsilon)).squareRoot()
        let weights = vector(weight, x.count)
        return x.indices.map { x[$0] * scale * weights[$0] }
    }

    private func product(_ offset: Int, _ outputs: Int, _ x: [Double]) -> [Double] {
        (0..<outputs).map { row in
            let weights = vector(offset + row * x.count, x.count)
            return x.indices.reduce(0) { $0 + weights[$1] * x[$1] }
        }
    }

    private func vector(_ offset: Int, _ count: Int) -> [Double] {
        model.parameters[offset..<(offset + count)].map(Double.init)
    }
}
