import CKernels
import Foundation
import RefluxCore
import Testing

@testable import RefluxEngine

@Suite struct GenerationDrawTests {
    /// Draws once for every uniform number.
    static func draw(
        _ logits: [Float], at uniforms: [Double], _ settings: SamplingSettings
    ) -> [(token: Int, logProbability: Float)] {
        logits.withUnsafeBufferPointer { logits in
            var draws = uniforms.map {
                reflux_draw(
                    logits: logits.baseAddress, uniform: $0,
                    temperature: Float(settings.temperature), top_p: Float(settings.topP),
                    min_p: Float(settings.minP), top_k: Int32(settings.topK), token: -1,
                    log_probability: 0)
            }
            let scratch = UnsafeMutableRawPointer.allocate(
                byteCount: reflux_draw_scratch(Int32(logits.count)), alignment: 64)
            defer { scratch.deallocate() }
            reflux_draw_tokens(&draws, Int32(draws.count), Int32(logits.count), scratch)
            return draws.map { (Int($0.token), $0.log_probability) }
        }
    }

    /// The tokens that can be drawn at all, by a fine comb of uniform numbers.
    static func kept(_ probabilities: [Double], _ settings: SamplingSettings) -> Set<Int> {
        let comb = (0..<2000).map { (Double($0) + 0.5) / 2000 }
        return Set(draw(probabilities.map { Float(log($0)) }, at: comb, settings).map(\.token))
    }

    static func logits(_ count: Int, seed: UInt64, spread: Float = 4) -> [Float] {
        var stream = RandomKey(seed: seed, stage: .prepare).stream
        return (0..<count).map { _ in Float.random(in: -spread...spread, using: &stream) }
    }

    static func softmax(_ logits: [Float], temperature: Double = 1) -> [Double] {
        let top = Double(logits.max() ?? 0)
        let weights = logits.map { exp((Double($0) - top) / temperature) }
        let sum = weights.reduce(0, +)
        return weights.map { $0 / sum }
    }

    @Test("greedy takes the largest logit, the lowest id among equals")
    func greedy() {
        var logits = Self.logits(700, seed: 1)
        (logits[650], logits[300], logits[301]) = (9, 9, 9)
        let draw = Self.draw(logits, at: [0.99], .greedy(maxTokens: 1))[0]
        #expect(draw.token == 300)
        #expect(abs(Double(draw.logProbability) - log(Self.softmax(logits)[300])) < 1e-5)
    }

    // Sorted: 2 (.40), 0 (.25), 4 (.20), 1 (.10), 3 (.05).
    static let five = [0.25, 0.10, 0.40, 0.05, 0.20]

    @Test(
        "filters keep what a calculation by hand keeps",
        arguments: [
            (SamplingSettings(), [0, 1, 2, 3, 4]),
            (SamplingSettings(topK: 1), [2]),
            (SamplingSettings(topK: 3), [0, 2, 4]),
            (SamplingSettings(topK: 9), [0, 1, 2, 3, 4]),
            (SamplingSettings(topP: 0.39), [2]),
            (SamplingSettings(topP: 0.60), [0, 2]),
            (SamplingSettings(topP: 0.90), [0, 1, 2, 4]),
            (SamplingSettings(minP: 0.55), [0, 2]),
            (SamplingSettings(minP: 0.45), [0, 2, 4]),
            (SamplingSettings(minP: 1), [2]),
            // top-k leaves .40 .25 .20 of .85; p of .75 wants .6375: two of them are enough.
            (SamplingSettings(topK: 3, topP: 0.75), [0, 2]),
            // Without top-k, p of .75 wants .75: the first two, .65, are not enough.
            (SamplingSettings(topP: 0.75), [0, 2, 4]),
            (SamplingSettings(topP: 0.90, minP: 0.45), [0, 2, 4]),
            // At temperature 1/2 the weights are squares: .16 .0625 .04 .01 .0025 of .275.
            (SamplingSettings(temperature: 0.5, topP: 0.80), [0, 2]),
            (SamplingSettings(temperature: 0.5, minP: 0.30), [0, 2]),
            // At temperature 2 they are roots: .632 .5 .447 .316 .224 of 2.12.
            (SamplingSettings(temperature: 2, topP: 0.80), [0, 1, 2, 4]),
            (SamplingSettings(temperature: 2, minP: 0.60), [0, 2, 4]),
        ])
    func filters(_ settings: SamplingSettings, _ wanted: [Int]) {
        #expect(Self.kept(Self.five, settings) == Set(wanted))
    }

    @Test("among equal logits a filter keeps the lower ids")
    func equals() {
        let flat = [Double](repeating: 1, count: 40)
        #expect(Self.kept(flat, SamplingSettings(topK: 7)) == Set(0..<7))
        #expect(Self.kept(flat, SamplingSettings(topP: 0.24)) == Set(0..<10))
    }

    @Test(
        "a large vocabulary is filtered as by sorting it",
        arguments: [
            SamplingSettings(topK: 50), SamplingSettings(topK: 5000), SamplingSettings(topP: 0.9),
            SamplingSettings(temperature: 0.5, topK: 300, topP: 0.8),
            SamplingSettings(minP: 0.2), SamplingSettings(topP: 0.999, minP: 1e-6),
        ])
    func largeVocabulary(_ settings: SamplingSettings) {
        let logits = Self.logits(9_001, seed: 5, spread: 8)
        var order = logits.indices.sorted {
            (-logits[$0], $0) < (-logits[$1], $1)
        }
        let p = Self.softmax(logits, temperature: settings.temperature)
        if settings.topK > 0 { order = Array(order.prefix(settings.topK)) }
        let mass = order.reduce(0) { $0 + p[$1] }
        var sum = 0.0
        var count = 0
        while count < order.count, sum < settings.topP * mass {
            sum += p[order[count]]
            count += 1
        }
        let kept = Set(
            order.prefix(settings.topP < 1 ? count : order.count).filter {
                p[$0] >= settings.minP * p[order[0]]
            })
        let uniforms = (0..<4000).map { (Double($0) + 0.5) / 4000 }
        let drawn = Self.draw(logits, at: uniforms, settings)
        // Each draw is the inverse of the distribution function over the kept ids.
        let ids = kept.sorted()
        let total = ids.reduce(0) { $0 + p[$1] }
        var (next, below) = (0, 0.0)
        for (uniform, draw) in zip(uniforms, drawn) {
            while next < ids.count - 1, below + p[ids[next]] <= uniform * total {
                below += p[ids[next]]
                next += 1
            }
            let near = ids[max(0, next - 1)...min(ids.count - 1, next + 1)]
            #expect(near.contains(draw.token))
        }
        #expect(Set(drawn.map(\.token)).isSubset(of: kept))
    }

    @Test("draws follow the probabilities", arguments: [1.0, 0.6, 1.7])
    func chiSquare(_ temperature: Double) {
        let logits = Self.logits(300, seed: 8, spread: 2)
        let settings = SamplingSettings(temperature: temperature)
        let key = RandomKey(seed: 99, stage: .sample)
        let n = 60_000
        let drawn = Self.draw(logits, at: (0..<n).map { key.uniform(at: $0) }, settings)
        var counts = [Double](repeating: 0, count: logits.count)
        for draw in drawn { counts[draw.token] += 1 }
        let wanted = Self.softmax(logits, temperature: temperature).map { $0 * Double(n) }
        let statistic = zip(counts, wanted).reduce(0) {
            $0 + ($1.0 - $1.1) * ($1.0 - $1.1) / $1.1
        }
        // 299 degrees of freedom: mean 299, deviation 24.5; the bound is 4 deviations.
        #expect(statistic < 299 + 4 * 24.5)
        let untempered = Self.softmax(logits)
        for draw in drawn.prefix(50) {
            #expect(abs(Double(draw.logProbability) - log(untempered[draw.token])) < 1e-5)
        }
    }

    @Test("the ends of the unit interval draw the first and the last token")
    func ends() {
        let logits = Self.logits(600, seed: 4, spread: 1)
        let drawn = Self.draw(logits, at: [0, 1.nextDown], SamplingSettings())
        #expect(drawn.map(\.token) == [0, 599])
    }

    @Test("a token of logit minus infinity is never drawn")
    func excluded() {
        var logits = [Float](repeating: -.infinity, count: 520)
        (logits[17], logits[510]) = (1, 1)
        let drawn = Self.draw(logits, at: [0, 0.49, 0.51, 1.nextDown], SamplingSettings())
        #expect(drawn.map(\.token) == [17, 17, 510, 510])
    }

    @Test("logits that are not numbers draw nothing", arguments: [Float.nan, .infinity])
    func notFinite(_ bad: Float) {
        for place in [0, 15, 16, 300, 520] {
            var logits = Self.logits(521, seed: 2)
            logits[place] = bad
            #expect(Self.draw(logits, at: [0.5], SamplingSettings())[0].token == -1)
        }
        let nothing = [Float](repeating: -.infinity, count: 30)
        #expect(Self.draw(nothing, at: [0.5], SamplingSettings())[0].token == -1)
    }
}
