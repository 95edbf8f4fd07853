import RefluxCore

/// A response that is being drawn, with its place in the cache.
final class GrowingSequence {
    let prompt: CachedPrompt
    private(set) var draft: ResponseDraft
    /// The response, once it is finished.
    private(set) var response: SampledResponse?
    /// The most blocks that the response may take in the cache; its last token is never looked at.
    let mostBlocks: Int
    /// Blocks of the prompt, then of the response, once it takes part in the steps.
    private var table: BlockTable?
    /// Blocks of the response so far.
    private(set) var ownBlocks = 0

    /// Starts a response to a prompt.
    init(_ draft: ResponseDraft, prompt: CachedPrompt) {
        self.draft = draft
        self.prompt = prompt
        mostBlocks = KeyValueCache.blocks(for: max(0, draft.limit - 1))
    }

    /// Takes a drawn token and, if it was the last, writes the response.
    func append(_ token: Int32, logProbability: Float, tokenizer: any Tokenizer) {
        draft.append(token, logProbability: logProbability, tokenizer: tokenizer)
        if draft.finish != nil { response = draft.response(tokenizer: tokenizer) }
    }

    /// The row that computes what follows the last token drawn.
    ///
    /// - Returns: the row, and whether a block was taken for it.
    func nextRow(cache: KeyValueCache) throws -> (row: TokenRow, tookBlock: Bool) {
        let table = self.table ?? makeTable()
        let drawn = draft.tokens.count
        let needsBlock = ownBlocks * KeyValueCache.blockTokens < drawn
        if needsBlock {
            table.append(try cache.takeBlock())
            ownBlocks += 1
        }
        let row = TokenRow(
            token: draft.tokens[drawn - 1], position: prompt.tokens.count + drawn - 1,
            table: table, prompt: prompt.tokens.count)
        return (row, needsBlock)
    }

    private func makeTable() -> BlockTable {
        let table = BlockTable(capacity: prompt.table.blocks.count + mostBlocks)
        for block in prompt.table.blocks { table.append(block) }
        self.table = table
        return table
    }
}
