/// A prompt and the blocks that hold its keys and values, shared by all its samples.
final class CachedPrompt {
    let tokens: [Int32]
    /// The blocks, with room for all of them.
    let table: BlockTable
    /// How many tokens were found in blocks of other prompts and need not be computed.
    let found: Int

    /// Takes blocks for a prompt: those of its beginning that another prompt has already, and new
    /// ones. The last token is always left to compute, for its logits are wanted.
    ///
    /// - Throws: ``RefluxError`` of kind `system` when memory is short.
    init(_ tokens: [Int32], cache: KeyValueCache, prefixes: PrefixIndex) throws {
        let size = KeyValueCache.blockTokens
        let count = KeyValueCache.blocks(for: tokens.count)
        let table = BlockTable(capacity: count)
        var last: CacheBlock?
        var found = 0
        for index in 0..<count {
            let part = tokens[index * size..<min(tokens.count, (index + 1) * size)]
            // A block is shared only if a whole one and more follows: then nobody writes to it.
            let isShareable = (index + 1) * size < tokens.count
            if isShareable, found == index * size,
                let block = prefixes.block(after: last, holding: part)
            {
                found += size
                last = block
            } else {
                let block = try cache.takeBlock(after: last)
                if isShareable { prefixes.add(block, after: last, holding: part) }
                last = block
            }
            if let last { table.append(last) }
        }
        self.tokens = tokens
        self.table = table
        self.found = found
    }
}

/// Finds the blocks of prompts that begin alike, for instance with the same worked examples.
final class PrefixIndex {
    private struct Key: Hashable {
        let parent: ObjectIdentifier?
        let tokens: ArraySlice<Int32>
    }

    private struct Entry {
        weak var block: CacheBlock?
    }

    // Entries do not keep blocks alive. A living block keeps its parent alive, so a parent's
    // identity is not taken by another block while an entry that names it is of use.
    private var entries: [Key: Entry] = [:]

    /// The block with these tokens after the text that ends with `parent`, if it still exists.
    func block(after parent: CacheBlock?, holding tokens: ArraySlice<Int32>) -> CacheBlock? {
        entries[Key(parent: parent.map(ObjectIdentifier.init), tokens: tokens)]?.block
    }

    /// Remembers a block.
    func add(_ block: CacheBlock, after parent: CacheBlock?, holding tokens: ArraySlice<Int32>) {
        let key = Key(parent: parent.map(ObjectIdentifier.init), tokens: tokens)
        entries[key] = Entry(block: block)
    }
}
