import CKernels
import COneDNN
import RefluxCore

/// What multiplies matrices, and of what numbers.
struct Arithmetic: Sendable, Hashable, CustomStringConvertible {
    /// What multiplies matrices.
    enum Library: String, Sendable, CaseIterable {
        /// f32 everywhere: the reference.
        case openBLAS = "openblas"
        /// f32 and bf16, with weights packed once an update.
        case oneDNN = "onednn"
        /// f32 and bf16 by the kernels of this house, which do float multiplications in either case.
        case own = "reflux"

        /// Those that this machine can run.
        static var usable: [Library] {
            allCases.filter { $0 != .own || reflux_has_panel_products() }
        }
    }

    let library: Library
    /// Whether factors are bfloat16; sums are float in any case.
    let isBFloat16: Bool
    /// Whether weights are 8-bit integers, by which floats are multiplied after rounding them, too.
    /// Only for models that are not trained.
    var hasInt8Weights = false

    /// Bytes of one element of a factor.
    var elementBytes: Int { isBFloat16 ? 2 : 4 }

    /// The same without 8-bit weights: what an adapter on them computes with.
    var ofActivations: Arithmetic { Arithmetic(library: library, isBFloat16: isBFloat16) }

    /// Bytes of a row as blocks take it.
    func preparedBytes(width: Int) -> Int {
        hasInt8Weights ? reflux_int8_row_bytes(Int32(width)) : width * elementBytes
    }

    /// The flag that the kernels take.
    var flag: Int32 { isBFloat16 ? 1 : 0 }

    /// The type as oneDNN's shim names it.
    var type: reflux_dnnl_type { isBFloat16 ? REFLUX_DNNL_BF16 : REFLUX_DNNL_F32 }

    /// For instance `bf16 (oneDNN 2.6.3)`.
    var description: String {
        if hasInt8Weights { return "int8 weights (Reflux)" }
        let precision = isBFloat16 ? "bf16" : "f32"
        return switch library {
        case .openBLAS: "\(precision) (OpenBLAS)"
        case .oneDNN: "\(precision) (oneDNN \(Self.oneDNNVersion))"
        case .own: "\(precision) (Reflux, by float multiplications)"
        }
    }

    /// Whether the processor has instructions for bf16 products.
    static var hasBFloat16: Bool { reflux_has_avx512_bf16() || reflux_has_amx_bf16() }

    /// How many bf16 products the processor's vectors do in the time of one of floats; measured once.
    static let bFloat16Advantage = reflux_bf16_advantage()

    /// Whether bf16 factors are best multiplied by the processor's instructions for them: those of
    /// AMX are many times faster than float ones; those of AVX-512 are twice as fast on some
    /// processors and half as fast on others.
    static var hasFastBFloat16: Bool { reflux_has_amx_bf16() || bFloat16Advantage > 1.1 }

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
    /// bf16 where the processor has instructions for it, by those of them that are faster than float
    /// multiplications, else by the latter, on half the memory. In f32, oneDNN where there is
    /// AVX-512: this OpenBLAS knows processors by name, and takes those it does not know for older
    /// ones. (The own kernels train some 8 % slower in f32, and sample 8 % faster.)
    ///
    /// - Throws: ``RefluxError`` when bf16 is asked of OpenBLAS, which has none, the own kernels of a
    ///   processor without AVX-512, or 8-bit weights of one without AVX512-VNNI.
    static func choose(
        _ precision: ModelOptions.Precision, library: Library? = nil
    ) throws -> Arithmetic {
        if library == .own, !reflux_has_panel_products() {
            throw RefluxError(
                .usage, found: "this processor has no AVX-512, which Reflux's products need",
                wanted: "oneDNN or OpenBLAS", remedy: "Leave the library out.")
        }
        let isOwnFaster = reflux_has_panel_products() && !hasFastBFloat16
        let forBFloat16 = library ?? (isOwnFaster ? .own : .oneDNN)
        switch precision {
        case .int8:
            guard reflux_has_int8_products(), library == nil || library == .own else {
                throw RefluxError(
                    .usage,
                    found: library.map { "8-bit weights of the library \($0.rawValue)" }
                        ?? "this processor has no AVX512-VNNI, which 8-bit weights need",
                    wanted: "auto, f32 or bf16", remedy: "Ask for one of those.")
            }
            return Arithmetic(library: .own, isBFloat16: false, hasInt8Weights: true)
        case .bfloat16:
            guard library != .openBLAS else {
                throw RefluxError(
                    .usage, found: "OpenBLAS has no bf16 products", wanted: "f32, or oneDNN",
                    remedy: "Leave the library out, or ask for f32.")
            }
            return Arithmetic(library: forBFloat16, isBFloat16: true)
        case .automatic where hasBFloat16 && library != .openBLAS:
            return Arithmetic(library: forBFloat16, isBFloat16: true)
        case .automatic, .float32:
            let best: Library = reflux_has_avx512() ? .oneDNN : .openBLAS
            return Arithmetic(library: library ?? best, isBFloat16: false)
        }
    }
}
