import Testing

@testable import RefluxCore

@Suite struct RandomKeyTests {
    /// The known answers are Random123's (`kat_vectors`, philox4x32 with 10 rounds).
    @Test(arguments: [
        (
            SIMD4<UInt32>(0, 0, 0, 0), SIMD2<UInt32>(0, 0),
            SIMD4<UInt32>(0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8)
        ),
        (
            SIMD4<UInt32>(repeating: .max), SIMD2<UInt32>(repeating: .max),
            SIMD4<UInt32>(0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd)
        ),
        (
            SIMD4<UInt32>(0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344),
            SIMD2<UInt32>(0xa409_3822, 0x299f_31d0),
            SIMD4<UInt32>(0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1)
        ),
    ])
    func philoxGivesTheKnownAnswers(
        counter: SIMD4<UInt32>, key: SIMD2<UInt32>, answer: SIMD4<UInt32>
    ) {
        #expect(philox4x32(counter: counter, key: key) == answer)
    }

    /// The first outputs of `splitmix64.c` (Vigna) from seed 0.
    @Test func splitMixGivesTheKnownAnswers() {
        #expect(splitMix64(0) == 0xE220_A839_7B1D_CDAF)
        #expect(splitMix64(0x9E37_79B9_7F4A_7C15) == 0x6E78_9E6A_A1B9_65F4)
    }

    @Test func everyPartOfAKeyMatters() {
        let key = RandomKey(seed: 1, stage: .sample, step: 2, prompt: 3, sample: 4)
        let others = [
            RandomKey(seed: 2, stage: .sample, step: 2, prompt: 3, sample: 4),
            RandomKey(seed: 1, stage: .teach, step: 2, prompt: 3, sample: 4),
            RandomKey(seed: 1, stage: .sample, step: 3, prompt: 3, sample: 4),
            RandomKey(seed: 1, stage: .sample, step: 2, prompt: 4, sample: 4),
            key.with(sample: 5),
        ]
        let words = ([key] + others).map { $0.words(at: 7) } + [key.words(at: 8)]
        #expect(Set(words).count == words.count)
        #expect(
            key.words(at: 7)
                == RandomKey(seed: 1, stage: .sample, step: 2, prompt: 3, sample: 4)
                .words(at: 7))
        #expect(RandomKey(seed: 1, stage: .sample, step: -1).step == .max)
    }

    @Test func uniformNumbersAreUniform() {
        let key = RandomKey(seed: 11, stage: .generate)
        let numbers = (0..<20_000).map { key.uniform(at: $0) }
        #expect(numbers.allSatisfy { $0 >= 0 && $0 < 1 })
        let mean = numbers.reduce(0, +) / 20_000
        let variance = numbers.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 20_000
        // Five standard errors: sqrt(1/12/n) = 0.002, and 0.0005 for the variance.
        #expect(abs(mean - 0.5) < 0.01)
        #expect(abs(variance - 1 / 12) < 0.003)
        // Chi-squared over 16 bins, 15 degrees of freedom: 37.7 at one in a thousand.
        var bins = [Double](repeating: 0, count: 16)
        for number in numbers { bins[Int(number * 16)] += 1 }
        #expect(bins.reduce(0) { $0 + ($1 - 1_250) * ($1 - 1_250) / 1_250 } < 37.7)
    }

    @Test func aStreamRepeatsItselfAndUsesEveryWord() {
        let key = RandomKey(seed: 3, stage: .warmup)
        var first = key.stream
        var second = key.stream
        let numbers = (0..<100).map { _ in first.next() }
        #expect(numbers == (0..<100).map { _ in second.next() })
        #expect(Set(numbers).count == 100)
        let words = key.words(at: 0)
        #expect(numbers[0] == UInt64(words.x) << 32 | UInt64(words.y))
        #expect(numbers[1] == UInt64(words.z) << 32 | UInt64(words.w))
    }
}
