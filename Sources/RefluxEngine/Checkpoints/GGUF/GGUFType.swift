import CKernels

/// The element types of a GGUF file that can be read.
enum GGUFType: UInt32, Sendable, CaseIterable {
    case float32 = 0
    case float16 = 1
    case q40 = 2
    case q41 = 3
    case q50 = 6
    case q51 = 7
    case q80 = 8
    case q4K = 12
    case q5K = 13
    case q6K = 14
    case bfloat16 = 30

    /// The name, as ggml writes it.
    var name: String {
        switch self {
        case .float32: "F32"
        case .float16: "F16"
        case .bfloat16: "BF16"
        case .q40: "Q4_0"
        case .q41: "Q4_1"
        case .q50: "Q5_0"
        case .q51: "Q5_1"
        case .q80: "Q8_0"
        case .q4K: "Q4_K"
        case .q5K: "Q5_K"
        case .q6K: "Q6_K"
        }
    }

    /// The elements of a block, which is stored as a whole.
    var blockElements: Int {
        switch self {
        case .float32, .float16, .bfloat16: 1
        case .q40, .q41, .q50, .q51, .q80: 32
        case .q4K, .q5K, .q6K: 256
        }
    }

    /// The bytes of a block.
    var blockBytes: Int {
        switch self {
        case .float32: 4
        case .float16, .bfloat16: 2
        case .q40: 18
        case .q41: 20
        case .q50: 22
        case .q51: 24
        case .q80: 34
        case .q4K: 144
        case .q5K: 176
        case .q6K: 210
        }
    }

    /// Converts whole blocks to floats.
    ///
    /// - Parameters:
    ///   - bytes: a multiple of `blockBytes`.
    ///   - target: as many elements as the blocks have.
    func convert(_ bytes: UnsafeRawBufferPointer, to target: UnsafeMutableBufferPointer<Float>) {
        guard let source = bytes.baseAddress, let output = target.baseAddress else { return }
        let blocks = min(bytes.count / blockBytes, target.count / blockElements)
        let quants = source.assumingMemoryBound(to: UInt8.self)
        let halves = source.assumingMemoryBound(to: UInt16.self)
        switch self {
        case .float32:
            UnsafeMutableRawPointer(output).copyMemory(from: source, byteCount: 4 * blocks)
        case .float16: reflux_from_f16(halves, output, blocks)
        case .bfloat16: reflux_from_bf16(halves, output, blocks)
        case .q40: reflux_from_q4_0(quants, output, blocks)
        case .q41: reflux_from_q4_1(quants, output, blocks)
        case .q50: reflux_from_q5_0(quants, output, blocks)
        case .q51: reflux_from_q5_1(quants, output, blocks)
        case .q80: reflux_from_q8_0(quants, output, blocks)
        case .q4K: reflux_from_q4_k(quants, output, blocks)
        case .q5K: reflux_from_q5_k(quants, output, blocks)
        case .q6K: reflux_from_q6_k(quants, output, blocks)
        }
    }

    /// The names of types that ggml knows and this is not one of.
    static func nameOfOther(_ number: UInt32) -> String {
        let others: [UInt32: String] = [
            9: "Q8_1", 10: "Q2_K", 11: "Q3_K", 15: "Q8_K", 16: "IQ2_XXS", 17: "IQ2_XS",
            18: "IQ3_XXS", 19: "IQ1_S", 20: "IQ4_NL", 21: "IQ3_S", 22: "IQ2_S", 23: "IQ4_XS",
            24: "I8", 25: "I16", 26: "I32", 27: "I64", 28: "F64", 29: "IQ1_M", 34: "TQ1_0",
            35: "TQ2_0", 39: "MXFP4",
        ]
        return others[number] ?? "number \(number)"
    }
}
