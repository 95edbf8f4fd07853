import CKernels
import COpenBLAS
import Foundation
import RefluxCore

/// What this machine has, and what the native engine will use of it.
///
/// ``current`` asks the processor, the system and the libraries; where there are bf16 instructions,
/// it times some thousand of them, once in a process and in under a millisecond. Any thread.
public struct MachineDescription: Sendable, Codable, Equatable {
    /// The processor's name, as it tells it.
    public var processor: String
    /// The architecture of this build, for instance `x86_64`.
    public var architecture: String
    /// The operating system.
    public var system: String
    /// The cores that this process may use.
    public var cores: Int
    /// The threads that the engine computes with.
    public var threads: Int
    /// The memory of the machine, in bytes.
    public var memory: UInt64
    /// The memory that is available now, in bytes; absent where the system does not tell.
    public var availableMemory: UInt64?
    /// The instruction sets that the engine knows to use, as far as processor and system have them.
    public var instructionSets: [String]
    /// The versions of the libraries that multiply matrices, by name.
    public var libraries: [String: String]
    /// The arithmetic that `precision: auto` chooses, for instance `bf16 (oneDNN 2.6.3)`.
    public var automaticArithmetic: String
    /// The arithmetic that `precision: f32` chooses.
    public var floatArithmetic: String
    /// Why `precision: auto` chooses as it does.
    public var reason: String

    enum CodingKeys: String, CodingKey {
        case processor, architecture, system, cores, threads
        case memory = "memory_bytes"
        case availableMemory = "available_memory_bytes"
        case instructionSets = "instruction_sets"
        case libraries
        case automaticArithmetic = "arithmetic_auto"
        case floatArithmetic = "arithmetic_f32"
        case reason
    }

    /// This machine, now.
    public static var current: MachineDescription {
        MachineDescription(
            processor: procField("model name", in: "/proc/cpuinfo") ?? "unknown",
            architecture: architectureName,
            system: ProcessInfo.processInfo.operatingSystemVersionString,
            cores: Int(reflux_available_cores()), threads: ComputePool.shared.threads,
            memory: ProcessInfo.processInfo.physicalMemory, availableMemory: freeMemory,
            instructionSets: knownInstructionSets,
            libraries: ["OpenBLAS": openBLASVersion, "oneDNN": Arithmetic.oneDNNVersion],
            automaticArithmetic: arithmetic(.automatic), floatArithmetic: arithmetic(.float32),
            reason: reasonForChoice)
    }

    private static var architectureName: String {
        #if arch(x86_64)
            "x86_64"
        #elseif arch(arm64)
            "arm64"
        #else
            "other"
        #endif
    }

    private static var knownInstructionSets: [String] {
        let known = [
            ("avx2", reflux_has_avx2()), ("avx512", reflux_has_avx512()),
            ("avx512_vnni", reflux_has_avx512_vnni()),
            ("avx512_bf16", reflux_has_avx512_bf16()), ("amx_bf16", reflux_has_amx_bf16()),
        ]
        return known.filter(\.1).map(\.0)
    }

    private static var reasonForChoice: String {
        let float = reflux_has_avx512() ? "oneDNN, which uses AVX-512" : "OpenBLAS"
        guard Arithmetic.hasBFloat16 else {
            return "the processor has no instructions for bf16 products; f32 by \(float)"
        }
        if reflux_has_amx_bf16() {
            return "the processor has instructions for bf16 products (AMX), and oneDNN uses them"
        }
        let times = String(format: "%.1f", Arithmetic.bFloat16Advantage)
        let best =
            Arithmetic.hasFastBFloat16
            ? "oneDNN, which uses them" : "float ones, in Reflux's own kernels"
        return "the processor's bf16 instructions (AVX512-BF16) are \(times) times as fast as its "
            + "float ones: bf16 by \(best)"
    }

    private static func arithmetic(_ precision: ModelOptions.Precision) -> String {
        (try? Arithmetic.choose(precision))?.description ?? "none"
    }

    private static var openBLASVersion: String {
        let words = String(cString: openblas_get_config()).split(separator: " ")
        return words.dropFirst().first.map(String.init) ?? "unknown"
    }

    private static var freeMemory: UInt64? {
        let words = procField("MemAvailable", in: "/proc/meminfo")?.split(separator: " ")
        return words?.first.flatMap { UInt64($0) }.map { $0 * 1024 }
    }

    /// The value of the first line `name: value` of a file of the kernel.
    private static func procField(_ name: String, in path: String) -> String? {
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return nil }
        let line = text.split(separator: "\n").first { $0.hasPrefix(name) }
        return line?.split(separator: ":", maxSplits: 1).last
            .map { $0.trimmingCharacters(in: .whitespaces) }
    }
}
