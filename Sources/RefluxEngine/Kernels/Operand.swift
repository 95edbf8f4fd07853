import CKernels

/// Floats as factors of products: themselves, or converted to bf16.
enum Operand {
    /// The factor that `x` is, or its conversion in the calling thread's scratch.
    static func convert(
        _ x: UnsafePointer<Float>, count: Int, _ arithmetic: Arithmetic
    ) -> UnsafeRawPointer {
        guard arithmetic.isBFloat16 else { return UnsafeRawPointer(x) }
        let converted = ThreadScratch.operand.bytes(count * 2)
        reflux_to_bf16(x, converted.assumingMemoryBound(to: UInt16.self), count)
        return UnsafeRawPointer(converted)
    }

    /// The same with the work spread over the pool.
    static func convert(
        _ x: UnsafePointer<Float>, count: Int, _ arithmetic: Arithmetic, pool: ComputePool
    ) -> UnsafeRawPointer {
        guard arithmetic.isBFloat16 else { return UnsafeRawPointer(x) }
        let converted = ThreadScratch.operand.bytes(count * 2)
            .assumingMemoryBound(to: UInt16.self)
        pool.runBlocks(count, size: 1 << 15) { range in
            reflux_to_bf16(x + range.lowerBound, converted + range.lowerBound, range.count)
        }
        return UnsafeRawPointer(converted)
    }

    /// Writes `x` as a factor to memory of the arithmetic's type.
    static func write(
        _ x: UnsafePointer<Float>, count: Int, to out: UnsafeMutableRawPointer,
        _ arithmetic: Arithmetic
    ) {
        reflux_copy_rows(x, count, out, count, 1, Int32(count), arithmetic.flag)
    }
}
