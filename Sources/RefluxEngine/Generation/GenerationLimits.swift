import Foundation

/// How much generation may hold at a time.
struct GenerationLimits: Sendable, Equatable {
    /// Responses that grow at a time.
    var sequences = 512
    /// Prompt tokens that are computed at a time.
    var promptTokens = 1024
    /// Bytes of keys and values. One response is always let in, however long it may become.
    var cacheBytes: Int

    /// Limits with this much memory for keys and values.
    init(cacheBytes: Int) { self.cacheBytes = cacheBytes }

    /// A quarter of the machine's memory for keys and values.
    static var machine: GenerationLimits {
        GenerationLimits(
            cacheBytes: Int(clamping: ProcessInfo.processInfo.physicalMemory / 4))
    }
}
