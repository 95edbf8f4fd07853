import CKernels
import Foundation
import Testing

@testable import RefluxEngine

/// Attention over the cache beside its definition, for every kind of numbers that a cache holds.
@Suite struct GenerationCacheTests {
    /// How far a cache's attention may be off: the root of the mean square, relative.
    static let kinds = [
        (numbers: Int32(REFLUX_CACHE_FLOAT), error: 1e-5),
        (numbers: Int32(REFLUX_CACHE_BF16), error: 6e-3),
        (numbers: Int32(REFLUX_CACHE_INT8), error: 1e-2),
    ]

    /// Key-value heads, query heads of each, and the width of a head.
    static let shapes = [(1, 1, 6), (3, 3, 64), (2, 7, 64), (1, 8, 20), (2, 1, 128), (2, 2, 34)]

    /// Blocks of one layer with what was stored in them.
    private final class Cache {
        var shape: reflux_cache_shape
        private let blocks: UnsafeMutablePointer<UnsafeMutableRawPointer?>
        private let count: Int

        init(heads: Int, group: Int, width: Int, numbers: Int32, tokens: Int) {
            shape = reflux_cache_shape(
                heads: Int32(heads * group), key_value_heads: Int32(heads),
                head_width: Int32(width), numbers: numbers,
                scale: 1 / Float(width).squareRoot())
            count = (tokens + 15) / 16 + 1
            blocks = .allocate(capacity: count)
            let bytes = reflux_cache_layer_bytes(&shape)
            for i in 0..<count {
                let block = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 64)
                block.initializeMemory(as: UInt8.self, repeating: 0, count: bytes)
                blocks[i] = block
            }
        }

        deinit {
            for i in 0..<count { blocks[i]?.deallocate() }
            blocks.deallocate()
        }

        private func row(
            _ query: UnsafePointer<Float>?, _ key: UnsafePointer<Float>?,
            _ value: UnsafePointer<Float>?, prompt: Int, own: Int
        ) -> reflux_cache_row {
            reflux_cache_row(
                query: query, key: key, value: value, blocks: UnsafePointer(blocks),
                prompt: Int32(prompt), own: Int32(own))
        }

        /// Stores tokens, those of a prompt first; each is `[heads, width]`.
        func store(keys: [Float], values: [Float], tokens: Int, prompt: Int) {
            let width = Int(shape.key_value_heads * shape.head_width)
            keys.withUnsafeBufferPointer { keys in
                values.withUnsafeBufferPointer { values in
                    for token in 0..<tokens {
                        guard let key = keys.baseAddress, let value = values.baseAddress else {
                            return
                        }
                        var one = row(
                            nil, key + token * width, value + token * width,
                            prompt: min(token + 1, prompt), own: max(0, token + 1 - prompt))
                        reflux_cache_store(&shape, 0, &one, 1)
                    }
                }
            }
        }

        func attend(_ query: [Float], tokens: Int, prompt: Int) -> [Float] {
            var out = [Float](repeating: .nan, count: query.count)
            var scratch = [Float](
                repeating: .nan, count: reflux_cache_scratch(&shape, Int32(tokens)))
            query.withUnsafeBufferPointer {
                var one = row($0.baseAddress, nil, nil, prompt: prompt, own: tokens - prompt)
                reflux_cache_attend(&shape, 0, &one, 1, 0, shape.key_value_heads, &out, &scratch)
            }
            return out
        }
    }

    /// softmax(query keys' / sqrt(width)) values.
    private func definition(
        _ query: [Float], _ keys: [Float], _ values: [Float], heads: Int, group: Int, width: Int,
        tokens: Int
    ) -> [Double] {
        (0..<heads * group).flatMap { head -> [Double] in
            let own = { (token: Int) in token * heads * width + head / group * width }
            let scores = (0..<tokens).map { token in
                (0..<width).reduce(0.0) {
                    $0 + Double(query[head * width + $1]) * Double(keys[own(token) + $1])
                } / Double(width).squareRoot()
            }
            let largest = scores.max() ?? 0
            let weights = scores.map { exp($0 - largest) }
            let sum = weights.reduce(0, +)
            return (0..<width).map { i in
                zip(0..<tokens, weights).reduce(0.0) {
                    $0 + $1.1 / sum * Double(values[own($1.0) + i])
                }
            }
        }
    }

    private func error(_ found: [Float], _ exact: [Double]) -> Double {
        let wrong = zip(found, exact).reduce(0.0) {
            let difference = Double($1.0) - $1.1
            return $0 + difference * difference
        }
        return (wrong / exact.reduce(0.0) { $0 + $1 * $1 }).squareRoot()
    }

    @Test(arguments: kinds, shapes)
    func attentionIsItsDefinition(
        _ kind: (numbers: Int32, error: Double), _ shape: (heads: Int, group: Int, width: Int)
    ) {
        let (heads, group, width) = shape
        for (tokens, prompt) in [(1, 0), (16, 16), (17, 3), (50, 33), (95, 0)] {
            let numbers = KernelsElementwiseTests.numbers(_:seed:range:)
            let keys = numbers(tokens * heads * width, 1, 3)
            let values = numbers(tokens * heads * width, 2, 1)
            let query = numbers(heads * group * width, 3, 2)
            let cache = Cache(
                heads: heads, group: group, width: width, numbers: kind.numbers, tokens: tokens)
            cache.store(keys: keys, values: values, tokens: tokens, prompt: prompt)
            let exact = definition(
                query, keys, values, heads: heads, group: group, width: width, tokens: tokens)
            let found = error(cache.attend(query, tokens: tokens, prompt: prompt), exact)
            #expect(found < kind.error, "\(tokens) tokens, \(prompt) of the prompt")
        }
    }

    /// Some models' keys have a few numbers a hundred times as large as the others.
    @Test func aLargeNumberOfAKeySpoilsItsGroupOnly() {
        let (heads, group, width, tokens) = (1, 2, 64, 40)
        let numbers = KernelsElementwiseTests.numbers(_:seed:range:)
        var keys = numbers(tokens * width, 1, 3)
        for token in 0..<tokens { keys[token * width + 20] = 300 + Float(token) }
        var query = numbers(group * width, 3, 2)
        for head in 0..<group {
            for i in 16..<32 { query[head * width + i] = 0 }
        }
        let values = numbers(tokens * width, 2, 1)
        let cache = Cache(
            heads: heads, group: group, width: width, numbers: Int32(REFLUX_CACHE_INT8),
            tokens: tokens)
        cache.store(keys: keys, values: values, tokens: tokens, prompt: 0)
        let exact = definition(
            query, keys, values, heads: heads, group: group, width: width, tokens: tokens)
        #expect(error(cache.attend(query, tokens: tokens, prompt: 0), exact) < 8e-3)
    }

    @Test("a block that held numbers that were not finite can be used again", arguments: kinds)
    func usedAgain(_ kind: (numbers: Int32, error: Double)) {
        for (group, width) in [(1, 32), (4, 64)] {
            let cache = Cache(
                heads: 1, group: group, width: width, numbers: kind.numbers, tokens: 16)
            let broken = [Float](repeating: .nan, count: 16 * width)
            cache.store(keys: broken, values: broken, tokens: 16, prompt: 0)
            let query = KernelsElementwiseTests.numbers(group * width, seed: 3, range: 2)
            let poisoned = cache.attend(query, tokens: 16, prompt: 0)
            #expect(poisoned.allSatisfy { $0.isNaN })
            for tokens in [1, 2, 5] {
                let keys = KernelsElementwiseTests.numbers(tokens * width, seed: 1, range: 3)
                let values = KernelsElementwiseTests.numbers(tokens * width, seed: 2, range: 1)
                cache.store(keys: keys, values: values, tokens: tokens, prompt: 0)
                let exact = definition(
                    query, keys, values, heads: 1, group: group, width: width, tokens: tokens)
                #expect(error(cache.attend(query, tokens: tokens, prompt: 0), exact) < kind.error)
            }
        }
    }
}
