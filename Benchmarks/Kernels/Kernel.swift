import CKernels

/// A kernel with inputs that it can be called on again and again.
struct Kernel {
    /// For instance `product bf16, 32 rows`.
    let name: String
    /// What a call does: operations (a multiplication and an addition are two), or numbers.
    let work: Double
    /// What is counted, `GOP` or `Gnumbers`.
    let unit: String
    /// One call.
    let call: () -> Void
}

/// Memory that lives as long as the process.
enum Memory {
    /// Zeroed bytes, aligned to 64.
    static func bytes(_ count: Int) -> UnsafeMutableRawPointer {
        let memory = UnsafeMutableRawPointer.allocate(byteCount: max(64, count), alignment: 64)
        memory.initializeMemory(as: UInt8.self, repeating: 0, count: max(64, count))
        return memory
    }

    /// Floats between -1 and 1 that look random.
    static func floats(_ count: Int) -> UnsafeMutablePointer<Float> {
        let floats = bytes(count * 4).bindMemory(to: Float.self, capacity: count)
        var state: UInt64 = 0x9e37_79b9_7f4a_7c15
        for i in 0..<count {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            floats[i] = Float(Int32(truncatingIfNeeded: state >> 32)) * 0x1p-31
        }
        return floats
    }

    /// The same as factors of products.
    static func factors(_ count: Int, bf16: Bool) -> UnsafeMutableRawPointer {
        let floats = floats(count)
        guard bf16 else { return UnsafeMutableRawPointer(floats) }
        let rounded = bytes(count * 2)
        reflux_to_bf16(floats, rounded.assumingMemoryBound(to: UInt16.self), count)
        return rounded
    }

    /// 0, 1, 2, … below a bound, and again.
    static func indices(_ count: Int, below bound: Int) -> UnsafeMutablePointer<Int32> {
        let indices = bytes(count * 4).bindMemory(to: Int32.self, capacity: count)
        for i in 0..<count { indices[i] = Int32(i % bound) }
        return indices
    }
}
