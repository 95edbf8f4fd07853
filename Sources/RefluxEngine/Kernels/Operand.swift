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

    /// Rows `[rows, width]` as ``PackedBlock/multiply(prepared:rows:into:outStride:accumulate:)``
    /// takes them, ``Arithmetic/preparedBytes(width:)`` apart: themselves, or their conversion in the
    /// calling thread's scratch. The work is spread over the pool.
    static func prepare(
        _ x: UnsafePointer<Float>, rows: Int, width: Int, _ arithmetic: Arithmetic,
        pool: ComputePool
    ) -> UnsafeRawPointer {
        guard arithmetic.isBFloat16 || arithmetic.hasInt8Weights else { return UnsafeRawPointer(x) }
        let bytes = arithmetic.preparedBytes(width: width)
        let prepared = ThreadScratch.operand.bytes(rows * bytes)
        pool.runBlocks(rows, size: max(8, (1 << 14) / width)) { range in
            let from = x + range.lowerBound * width
            let to = prepared + range.lowerBound * bytes
            if arithmetic.hasInt8Weights {
                reflux_round_rows(from, Int32(range.count), Int32(width), to)
            } else {
                reflux_to_bf16(
                    from, to.assumingMemoryBound(to: UInt16.self), range.count * width)
            }
        }
        return UnsafeRawPointer(prepared)
    }

    /// Writes `x` as a factor to memory of the arithmetic's type.
    static func write(
        _ x: UnsafePointer<Float>, count: Int, to out: UnsafeMutableRawPointer,
        _ arithmetic: Arithmetic
    ) {
        reflux_copy_rows(x, count, out, count, 1, Int32(count), arithmetic.flag)
    }
}
