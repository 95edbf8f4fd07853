import Foundation
import RefluxCore

extension LinearModel {
    /// Draws one response, token by token.
    func draw(_ request: SampleRequest, key: RandomKey, limit: Int) -> SampledResponse {
        let tokenizer = ToyTokenizer()
        let room = min(request.settings.maxTokens, limit - request.prompt.count)
        var response = SampledResponse(tokens: [], logProbabilities: [], text: "", finish: .length)
        while response.tokens.count < room, response.finish == .length {
            let previous = response.tokens.last ?? request.prompt.last ?? ToyTokenizer.end
            let row = logDistribution(after: previous)
            let id = choose(
                from: row, temperature: request.settings.temperature,
                uniform: key.uniform(at: response.tokens.count))
            response.tokens.append(Int32(id))
            response.logProbabilities.append(Float(row[id]))
            response.text = tokenizer.decode(response.tokens, skipSpecial: true)
            if id == Int(ToyTokenizer.end) { response.finish = .stop }
            let stops = request.settings.stops.compactMap { response.text.range(of: $0) }
            if let first = stops.map(\.lowerBound).min() {
                response.text = String(response.text[..<first])
                response.finish = .stop
            }
        }
        return response
    }

    private func choose(from row: [Double], temperature: Double, uniform: Double) -> Int {
        let best = row.indices.max { row[$0] < row[$1] } ?? 0
        guard temperature > 0 else { return best }
        let weights = row.map { exp(($0 - row[best]) / temperature) }
        var rest = uniform * weights.reduce(0, +)
        for (id, weight) in weights.enumerated() {
            rest -= weight
            if rest < 0 { return id }
        }
        return best
    }
}
