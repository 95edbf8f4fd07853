import CKernels
import COneDNN
import RefluxCore

/// Which library multiplies matrices, and of what numbers.
struct Arithmetic: Sendable, Equatable, CustomStringConvertible {
    /// A library that multiplies matrices.
    enum Library: String, Sendable, CaseIterable {
        /// f32 everywhere: the reference.
        case openBLAS = "openblas"
        /// f32 and bf16, with weights packed once an update.
        case oneDNN = "onednn"
    }

    let library: Library
    /// Whether factors are bfloat16; sums are float in any case.
    let isBFloat16: Bool

    /// Bytes of one element of a factor.
    var elementBytes: Int { isBFloat16 ? 2 : 4 }

    /// The flag that the kernels take.
    var flag: Int32 { isBFloat16 ? 1 : 0 }

    /// The type as oneDNN's shim names it.
    var type: reflux_dnnl_type { isBFloat16 ? REFLUX_DNNL_BF16 : REFLUX_DNNL_F32 }

    /// For instance `bf16 (oneDNN 2.6.3)`.
    var description: String {
        let precision = isBFloat16 ? "bf16" : "f32"
        guard library == .oneDNN else { return "\(precision) (OpenBLAS)" }
        return "\(precision) (oneDNN \(Self.oneDNNVersion))"
    }

    /// Whether the processor has instructions for bf16 products.
    static var hasBFloat16: Bool { reflux_has_avx512_bf16() || reflux_has_amx_bf16() }

    /// The version of oneDNN in use.
    static var oneDNNVersion: String {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 32) { text in
            text.initialize(repeating: 0)
            guard let base = text.baseAddress else { return "" }
            reflux_dnnl_version(base)
            return String(cString: base)
        }
    }

    /// Chooses for this machine.
    ///
    /// bf16 where the processor has instructions for it. In f32, oneDNN where there is AVX-512:
    /// this OpenBLAS knows processors by name, and takes those it does not know for older ones.
    ///
    /// - Throws: ``RefluxError`` when bf16 is asked of OpenBLAS, which has none.
    static func choose(
        _ precision: ModelOptions.Precision, library: Library? = nil
    ) throws -> Arithmetic {
        switch precision {
        case .bfloat16:
            guard library != .openBLAS else {
                throw RefluxError(
                    .usage, found: "OpenBLAS has no bf16 products", wanted: "f32, or oneDNN",
                    remedy: "Leave the library out, or ask for f32.")
            }
            return Arithmetic(library: .oneDNN, isBFloat16: true)
        case .automatic where hasBFloat16 && library != .openBLAS:
            return Arithmetic(library: .oneDNN, isBFloat16: true)
        case .automatic, .float32:
            let best: Library = reflux_has_avx512() ? .oneDNN : .openBLAS
            return Arithmetic(library: library ?? best, isBFloat16: false)
        }
    }
}
