import CKernels
import RefluxCore

/// Memory for the activations of one pass, handed out in pieces and taken back all at once.
///
/// All pieces lie in one range of addresses, as large as the machine's memory; pages are taken when
/// they are first written, and kept. So the memory in use is that of the largest pass, whatever the
/// sizes of the others, and passes that are not larger touch no new pages.
struct Arena: ~Copyable {
    private var memory: UnsafeMutableBufferPointer<Float>?
    private var used = 0

    deinit {
        if let memory { FloatBuffer.free(memory) }
    }

    /// Takes everything back. Pointers handed out before must not be used any more.
    mutating func reset() { used = 0 }

    /// Memory for `count` floats, aligned to 64 bytes, with arbitrary contents.
    ///
    /// - Throws: ``RefluxError`` of kind `system` when that is more than the machine has.
    mutating func floats(_ count: Int) throws -> UnsafeMutablePointer<Float> {
        let memory = try memory ?? FloatBuffer.reserve(for: "the activations of a batch")
        self.memory = memory
        let left = memory.count - used
        guard let base = memory.baseAddress, count <= left - 16 else {
            throw RefluxError(
                .system,
                found: "a batch whose activations need more than the machine's memory "
                    + "(\(memory.count >> 18) MiB)",
                remedy: "Take a smaller batch, or gradient checkpointing.")
        }
        defer { used += max(16, (count + 15) / 16 * 16) }
        return base + used
    }

    /// Memory for `count` elements of the arithmetic's type.
    mutating func operand(
        _ count: Int, _ arithmetic: Arithmetic
    ) throws -> UnsafeMutableRawPointer {
        UnsafeMutableRawPointer(
            try floats(arithmetic.isBFloat16 ? (count + 1) / 2 : count))
    }
}
