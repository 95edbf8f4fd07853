import CKernels
import COneDNN
import COpenBLAS
import RefluxCore
import Synchronization

/// Products of matrices that are not packed: those of weight gradients.
enum Product {
    /// The first status with which a product failed since it was last taken. Products run deep in
    /// parallel tasks, where nothing can be thrown; the engine asks after each call.
    private static let failure = Atomic<Int32>(0)

    /// Remembers a failure.
    static func check(_ status: Int32) {
        if status != 0 { failure.store(status, ordering: .relaxed) }
    }

    /// Throws what failed since the last call, if anything did.
    static func throwFailure() throws {
        let status = failure.exchange(0, ordering: .relaxed)
        guard status != 0 else { return }
        throw RefluxError(
            .system, found: "a matrix product failed (oneDNN status \(status))",
            remedy: "Free memory; if that does not help, ask for precision f32.")
    }

    /// Makes OpenBLAS compute on the calling thread alone: the pool spreads the work.
    static let singleThreadedBLAS: Void = openblas_set_num_threads(1)

    /// `c[m, n] += aᵀ b`: the sum over `depth` rows of the outer products of `a`'s and `b`'s rows.
    ///
    /// `a` is `[depth, m]` of the arithmetic's type, its rows `aStride` elements apart; `b` is
    /// `[depth, n]` of the same type, its rows `bStride` or n apart; `c` is `[m, n]`.
    static func addOuter(
        _ arithmetic: Arithmetic, m: Int, n: Int, depth: Int, _ a: UnsafeRawPointer, aStride: Int,
        _ b: UnsafeRawPointer, bStride: Int? = nil, into c: UnsafeMutablePointer<Float>
    ) {
        let bStride = bStride ?? n
        switch arithmetic.library {
        case .openBLAS:
            cblas_sgemm(
                CblasRowMajor, CblasTrans, CblasNoTrans, blasint(m), blasint(n), blasint(depth), 1,
                a.assumingMemoryBound(to: Float.self), blasint(aStride),
                b.assumingMemoryBound(to: Float.self), blasint(bStride), 1, c, blasint(n))
        case .own:
            reflux_add_outer(
                a, aStride, b, bStride, Int32(m), Int32(n), Int32(depth), c, arithmetic.flag,
                ThreadScratch.forProduct)
        case .oneDNN:
            addOuterByParts(
                arithmetic, m: m, n: n, depth: depth, a, aStride: aStride, b, bStride: bStride,
                into: c)
        }
    }

    /// Depths are cut into powers of two, so that few shapes are compiled.
    private static func addOuterByParts(
        _ arithmetic: Arithmetic, m: Int, n: Int, depth: Int, _ a: UnsafeRawPointer, aStride: Int,
        _ b: UnsafeRawPointer, bStride: Int, into c: UnsafeMutablePointer<Float>
    ) {
        var done = 0
        while done < depth {
            let part = min(1024, 1 << (Int.bitWidth - 1 - (depth - done).leadingZeroBitCount))
            check(
                reflux_dnnl_multiply(
                    arithmetic.type, Int32(m), Int32(n), Int32(part),
                    a + done * aStride * arithmetic.elementBytes, 1, Int64(aStride),
                    b + done * bStride * arithmetic.elementBytes, Int64(bStride), 1, c, 1))
            done += part
        }
    }
}
