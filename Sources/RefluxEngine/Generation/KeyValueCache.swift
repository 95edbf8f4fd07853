import CKernels
import RefluxCore

/// Keys and values of all layers, in blocks of a few tokens that sequences take and give back.
///
/// Not safe for several threads; the generator takes blocks between its parallel steps.
final class KeyValueCache {
    /// Tokens in a block.
    static let blockTokens = Int(REFLUX_CACHE_BLOCK)

    /// What the kernels need to know of the cache.
    let shape: reflux_cache_shape
    /// Bytes of a block.
    let blockBytes: Int
    /// Blocks that are in use.
    private(set) var taken = 0
    private let slabBlocks: Int
    private var slabs: [UnsafeMutableBufferPointer<Float>] = []
    private var free: [UnsafeMutableRawPointer] = []

    /// Makes an empty cache; memory is taken as blocks are.
    init(_ configuration: ModelConfiguration, arithmetic: Arithmetic) {
        shape = reflux_cache_shape(
            heads: Int32(configuration.heads),
            key_value_heads: Int32(configuration.keyValueHeads),
            head_width: Int32(configuration.headWidth),
            numbers: Self.numbers(arithmetic),
            scale: 1 / Float(configuration.headWidth).squareRoot())
        blockBytes = withUnsafePointer(to: shape) {
            reflux_cache_layer_bytes($0) * configuration.layers
        }
        slabBlocks = min(256, max(1, (8 << 20) / blockBytes))
    }

    private static func numbers(_ arithmetic: Arithmetic) -> Int32 {
        if arithmetic.hasInt8Weights { return Int32(REFLUX_CACHE_INT8) }
        return Int32(arithmetic.isBFloat16 ? REFLUX_CACHE_BF16 : REFLUX_CACHE_FLOAT)
    }

    deinit {
        for slab in slabs { FloatBuffer.free(slab) }
    }

    /// The blocks that a number of tokens takes.
    static func blocks(for tokens: Int) -> Int { (tokens + blockTokens - 1) / blockTokens }

    /// Takes a block that nobody uses; it goes back when the last reference to it goes.
    ///
    /// - Throws: ``RefluxError`` of kind `system` when memory is short.
    func takeBlock(after parent: CacheBlock? = nil) throws -> CacheBlock {
        if free.isEmpty { try addSlab() }
        taken += 1
        return CacheBlock(address: free.removeLast(), parent: parent, cache: self)
    }

    fileprivate func takeBack(_ address: UnsafeMutableRawPointer) {
        free.append(address)
        taken -= 1
    }

    private func addSlab() throws {
        let slab = try FloatBuffer.allocate(
            slabBlocks * blockBytes / MemoryLayout<Float>.stride, for: "keys and values")
        slabs.append(slab)
        guard let base = slab.baseAddress.map(UnsafeMutableRawPointer.init) else { return }
        free += (0..<slabBlocks).reversed().map { base + $0 * blockBytes }
    }
}

/// A block of a cache, for as long as anyone refers to it.
final class CacheBlock {
    /// Where the block lies.
    let address: UnsafeMutableRawPointer
    // Keeps the text before this block alive: a prompt that finds this block finds that one too.
    private let parent: CacheBlock?
    private let cache: KeyValueCache

    fileprivate init(address: UnsafeMutableRawPointer, parent: CacheBlock?, cache: KeyValueCache) {
        self.address = address
        self.parent = parent
        self.cache = cache
    }

    deinit { cache.takeBack(address) }
}

/// The blocks of one sequence in order, with their addresses as the kernels read them.
final class BlockTable {
    /// The blocks.
    private(set) var blocks: [CacheBlock] = []
    private let storage: UnsafeMutablePointer<UnsafeMutableRawPointer?>

    /// Makes a table with room for a number of blocks.
    init(capacity: Int) {
        storage = .allocate(capacity: max(1, capacity))
    }

    deinit { storage.deallocate() }

    /// The addresses of the blocks; valid as long as the table.
    var addresses: UnsafePointer<UnsafeMutableRawPointer?> { UnsafePointer(storage) }

    /// Adds a block; the table must have room for it.
    func append(_ block: CacheBlock) {
        (storage + blocks.count).initialize(to: block.address)
        blocks.append(block)
    }
}
