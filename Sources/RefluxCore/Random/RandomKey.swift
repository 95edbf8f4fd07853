/// The place in a run for which random numbers are drawn.
///
/// Every random number of a run is a pure function of such a key and a position, never of shared
/// state. So results depend neither on batching, nor on thread count, nor on where a run was
/// interrupted.
public struct RandomKey: Sendable, Hashable, Codable {
    /// The stage of the pipeline, or another use that must not share numbers with the stages.
    public enum Stage: UInt32, Sendable, Codable, CaseIterable {
        /// Initial weights, tokenizers and generated data.
        case prepare = 0
        /// Teacher sampling.
        case teach = 1
        /// Random tie policies of rules.
        case label = 2
        /// The order of the warm-up's examples.
        case warmup = 3
        /// Student sampling.
        case sample = 4
        /// The reward model's split, order and pairs.
        case reward = 5
        /// Prompts and rollouts of reinforcement learning.
        case reinforce = 6
        /// Sampling during evaluation.
        case evaluate = 7
        /// Anything interactive.
        case generate = 8
        /// The extensions of plugins.
        case plugin = 9
        /// The masks of an adapter's dropout.
        case dropout = 10
    }

    /// The run's seed.
    public var seed: UInt64
    /// The stage that draws.
    public var stage: Stage
    /// The step of the stage.
    public var step: UInt32
    /// The index of the prompt.
    public var prompt: UInt32
    /// The index of the sample of that prompt.
    public var sample: UInt32

    /// Makes a key; the parts left out are 0. Indexes are taken modulo 2^32.
    public init(
        seed: UInt64, stage: Stage, step: Int = 0, prompt: Int = 0, sample: Int = 0
    ) {
        self.seed = seed
        self.stage = stage
        self.step = UInt32(truncatingIfNeeded: step)
        self.prompt = UInt32(truncatingIfNeeded: prompt)
        self.sample = UInt32(truncatingIfNeeded: sample)
    }

    /// The same key for another sample.
    public func with(sample: Int) -> RandomKey {
        var key = self
        key.sample = UInt32(truncatingIfNeeded: sample)
        return key
    }

    /// Four independent 32-bit words at a position (for instance a token index). Constant time.
    public func words(at position: Int) -> SIMD4<UInt32> {
        philox4x32(
            counter: SIMD4(UInt32(truncatingIfNeeded: position), sample, prompt, step),
            key: generatorKey)
    }

    /// The key of the generator: what seed and stage make of it.
    package var generatorKey: SIMD2<UInt32> {
        let mixed = splitMix64(seed ^ splitMix64(UInt64(stage.rawValue) &+ 0x5265_666C_7578))
        return SIMD2(UInt32(truncatingIfNeeded: mixed), UInt32(truncatingIfNeeded: mixed >> 32))
    }

    /// A uniform number in [0, 1) at a position, with 53 random bits. Constant time.
    public func uniform(at position: Int) -> Double {
        let w = words(at: position)
        return Double((UInt64(w.x) << 32 | UInt64(w.y)) >> 11) * 0x1p-53
    }

    /// A sequential generator that walks the positions 0, 1, 2, … of this key.
    public var stream: RandomStream { RandomStream(key: self) }
}

/// A sequential generator over one key: for shuffles, choices and `Int.random(in:using:)`.
public struct RandomStream: RandomNumberGenerator, Sendable {
    private let key: RandomKey
    private var position = 0
    private var spare: UInt64?

    /// Starts at position 0 of a key.
    public init(key: RandomKey) { self.key = key }

    /// The next 64 random bits.
    public mutating func next() -> UInt64 {
        if let value = spare {
            spare = nil
            return value
        }
        let w = key.words(at: position)
        position += 1
        spare = UInt64(w.z) << 32 | UInt64(w.w)
        return UInt64(w.x) << 32 | UInt64(w.y)
    }
}

/// Philox 4x32 with 10 rounds (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011).
func philox4x32(counter: SIMD4<UInt32>, key: SIMD2<UInt32>) -> SIMD4<UInt32> {
    var c = counter
    var k = key
    for _ in 0..<10 {
        let p0 = UInt64(c.x) * 0xD251_1F53
        let p1 = UInt64(c.z) * 0xCD9E_8D57
        c = SIMD4(
            UInt32(truncatingIfNeeded: p1 >> 32) ^ c.y ^ k.x,
            UInt32(truncatingIfNeeded: p1),
            UInt32(truncatingIfNeeded: p0 >> 32) ^ c.w ^ k.y,
            UInt32(truncatingIfNeeded: p0))
        k.x = k.x &+ 0x9E37_79B9
        k.y = k.y &+ 0xBB67_AE85
    }
    return c
}

/// The finaliser of SplitMix64 (Steele, Lea, Flood, OOPSLA 2014): spreads a seed over 64 bits.
func splitMix64(_ value: UInt64) -> UInt64 {
    var z = value &+ 0x9E37_79B9_7F4A_7C15
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
}
