import RefluxCore

/// Memory for the activations of one pass, handed out in pieces and taken back all at once.
///
/// Blocks stay allocated between passes, so that passes of a size that was seen before touch no
/// new pages. A piece never spans blocks.
struct Arena: ~Copyable {
    private var blocks: [UnsafeMutableBufferPointer<Float>] = []
    private var block = 0
    private var used = 0
    /// Floats that the first block of a size not seen before holds at least.
    private static let smallestBlock = 1 << 20

    deinit {
        for block in blocks { FloatBuffer.free(block) }
    }

    /// Takes everything back. Pointers handed out before must not be used any more.
    mutating func reset() {
        block = 0
        used = 0
    }

    /// Memory for `count` floats, aligned to 64 bytes, with arbitrary contents.
    ///
    /// - Throws: ``RefluxError`` of kind `system` when memory is short.
    mutating func floats(_ count: Int) throws -> UnsafeMutablePointer<Float> {
        let size = max(16, (count + 15) / 16 * 16)
        while block < blocks.count, used + size > blocks[block].count {
            block += 1
            used = 0
        }
        if block == blocks.count {
            blocks.append(
                try FloatBuffer.allocate(
                    max(size, Self.smallestBlock), for: "the activations of a batch"))
            used = 0
        }
        guard let base = blocks[block].baseAddress else { return FloatBuffer.empty }
        defer { used += size }
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
