/// The random ties of the built-in rule: `RandomKey(seed:stage: .label, prompt:).stream` of
/// `RefluxCore`. A plugin that is nobody's twin would use `Call.generator()`.
struct LabelGenerator: RandomNumberGenerator {
    private let key: SIMD2<UInt32>
    private let prompt: UInt32
    private var position: UInt32 = 0
    private var spare: UInt64?

    init(seed: UInt64, prompt: Int) {
        let labels: UInt64 = 2
        let mixed = Self.splitMix(seed ^ Self.splitMix(labels &+ 0x5265_666C_7578))
        key = SIMD2(UInt32(truncatingIfNeeded: mixed), UInt32(truncatingIfNeeded: mixed >> 32))
        self.prompt = UInt32(truncatingIfNeeded: prompt)
    }

    mutating func next() -> UInt64 {
        if let value = spare {
            spare = nil
            return value
        }
        let words = philox(SIMD4(position, 0, prompt, 0))
        position += 1
        spare = UInt64(words.z) << 32 | UInt64(words.w)
        return UInt64(words.x) << 32 | UInt64(words.y)
    }

    /// Philox 4x32 with 10 rounds (Salmon et al., SC 2011).
    private func philox(_ counter: SIMD4<UInt32>) -> SIMD4<UInt32> {
        var c = counter
        var k = key
        for _ in 0..<10 {
            let p0 = UInt64(c.x) * 0xD251_1F53
            let p1 = UInt64(c.z) * 0xCD9E_8D57
            c = SIMD4(
                UInt32(truncatingIfNeeded: p1 >> 32) ^ c.y ^ k.x, UInt32(truncatingIfNeeded: p1),
                UInt32(truncatingIfNeeded: p0 >> 32) ^ c.w ^ k.y, UInt32(truncatingIfNeeded: p0))
            k = k &+ SIMD2(0x9E37_79B9, 0xBB67_AE85)
        }
        return c
    }

    /// The finaliser of SplitMix64 (Steele, Lea, Flood, OOPSLA 2014).
    private static func splitMix(_ value: UInt64) -> UInt64 {
        var z = value &+ 0x9E37_79B9_7F4A_7C15
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
