/// The random numbers of Python's `random.Random(seed)`, for few-shot draws and guesses that have to
/// be those of published harnesses.
///
/// Mersenne Twister MT19937 (Matsumoto and Nishimura, ACM TOMACS 8(1), 1998), seeded as CPython seeds
/// it from a whole number (`init_by_array`), with CPython's ways to draw from it. Everything else in
/// Reflux draws from `RandomKey`.
struct PythonRandom {
    private var state = [UInt32](repeating: 0, count: 624)
    private var place = 624

    /// The generator of `random.Random(seed)`.
    init(seed: UInt64) {
        let key =
            seed >> 32 == 0
            ? [UInt32(seed)] : [UInt32(truncatingIfNeeded: seed), UInt32(seed >> 32)]
        initialise(by: 19_650_218)
        var i = 1
        var j = 0
        for _ in 0..<max(624, key.count) {
            let mixed = (state[i - 1] ^ (state[i - 1] >> 30)) &* 1_664_525
            state[i] = (state[i] ^ mixed) &+ key[j] &+ UInt32(j)
            i += 1
            j = (j + 1) % key.count
            wrap(&i)
        }
        for _ in 0..<623 {
            let mixed = (state[i - 1] ^ (state[i - 1] >> 30)) &* 1_566_083_941
            state[i] = (state[i] ^ mixed) &- UInt32(i)
            i += 1
            wrap(&i)
        }
        state[0] = 0x8000_0000
    }

    /// `randrange(count)`: a whole number from 0 to `count` - 1; `count` is at least 1.
    mutating func below(_ count: Int) -> Int {
        let bits = Int.bitWidth - count.leadingZeroBitCount
        while true {
            let drawn = Int(nextBits(bits))
            if drawn < count { return drawn }
        }
    }

    /// `sample(range(population), count)`: different whole numbers in the order of drawing.
    mutating func sample(_ count: Int, of population: Int) -> [Int] {
        // CPython keeps a list of those that are left where that is smaller than a set of those drawn.
        var smallest = 21
        if count > 5 {
            var power = 1
            while power < count * 3 { power *= 4 }
            smallest += power
        }
        return population <= smallest
            ? sampleFromList(count, population) : sampleBySet(count, population)
    }

    private mutating func sampleFromList(_ count: Int, _ population: Int) -> [Int] {
        var left = Array(0..<population)
        return (0..<count).map { drawn in
            let place = below(population - drawn)
            let value = left[place]
            left[place] = left[population - drawn - 1]
            return value
        }
    }

    private mutating func sampleBySet(_ count: Int, _ population: Int) -> [Int] {
        var known = Set<Int>()
        return (0..<count).map { _ in
            var value = below(population)
            while known.contains(value) { value = below(population) }
            known.insert(value)
            return value
        }
    }

    /// `getrandbits` for up to 32 bits at a time; more bits take further words, low ones first.
    private mutating func nextBits(_ count: Int) -> UInt64 {
        if count <= 32 { return UInt64(next() >> UInt32(32 - count)) }
        let low = UInt64(next())
        return low | UInt64(next() >> UInt32(64 - count)) << 32
    }

    private mutating func next() -> UInt32 {
        if place == 624 { refill() }
        var y = state[place]
        place += 1
        y ^= y >> 11
        y ^= (y << 7) & 0x9D2C_5680
        y ^= (y << 15) & 0xEFC6_0000
        return y ^ (y >> 18)
    }

    private mutating func refill() {
        for i in 0..<624 {
            let y = (state[i] & 0x8000_0000) | (state[(i + 1) % 624] & 0x7FFF_FFFF)
            let twist = y & 1 == 0 ? 0 : UInt32(0x9908_B0DF)
            state[i] = state[(i + 397) % 624] ^ (y >> 1) ^ twist
        }
        place = 0
    }

    private mutating func initialise(by seed: UInt32) {
        state[0] = seed
        for i in 1..<624 {
            state[i] = (state[i - 1] ^ (state[i - 1] >> 30)) &* 1_812_433_253 &+ UInt32(i)
        }
    }

    private mutating func wrap(_ i: inout Int) {
        guard i >= 624 else { return }
        state[0] = state[623]
        i = 1
    }
}
