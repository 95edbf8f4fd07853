import CKernels
import RefluxCore

/// One call of the generator: which prompts wait, which responses grow, what comes next.
final class GenerationBatch {
    private let model: Transformer
    private let tokenizer: any Tokenizer
    private let limits: GenerationLimits
    private let cache: KeyValueCache
    private let step: TokenStep
    private let prefixes: PrefixIndex
    private let conversation: ConversationCache?
    private let drawn: ((_ token: Int32) -> Void)?
    private let deliver: (ResponseDraft, SampledResponse) -> Void
    private let cacheBlocks: Int

    /// Prompts that are not computed yet, the next one last.
    private var waiting: [PromptGroup]
    /// Responses with a first token, but without a place in the steps; the next one last.
    private var ready: [GrowingSequence] = []
    /// Responses that grow; those of one prompt are neighbours.
    private var active: [GrowingSequence] = []
    /// Blocks that active responses may still take.
    private var promised = 0

    /// Prepares a call; `deliver` gets each finished response.
    init(
        model: Transformer, tokenizer: any Tokenizer, limits: GenerationLimits,
        groups: [PromptGroup], drawn: ((_ token: Int32) -> Void)? = nil,
        conversation: ConversationCache? = nil,
        deliver: @escaping (ResponseDraft, SampledResponse) -> Void
    ) throws {
        let drafts = groups.reduce(0) { $0 + $1.drafts.count }
        let tokens = groups.reduce(0) { $0 + $1.tokens.count }
        self.model = model
        self.tokenizer = tokenizer
        self.limits = limits
        self.deliver = deliver
        waiting = groups.reversed()
        self.drawn = drawn
        self.conversation = conversation
        cache =
            conversation?.cache
            ?? KeyValueCache(model.configuration, arithmetic: model.arithmetic)
        prefixes = conversation?.prefixes ?? PrefixIndex()
        cacheBlocks = limits.cacheBytes / cache.blockBytes
        step = try TokenStep(
            model, cache: cache,
            capacity: max(1, min(limits.sequences, drafts), min(limits.promptTokens, tokens)))
    }

    /// Draws everything.
    ///
    /// - Parameter name: the id of a request, for errors.
    /// - Throws: see ``Generator/sample(_:finished:)``.
    func run(name: (Int) -> String) throws {
        while true {
            try Task.checkCancellation()
            activate()
            if shouldReadPrompts {
                try readPrompts(name: name)
            } else if !active.isEmpty {
                try grow(name: name)
            } else if waiting.isEmpty {
                return
            }
        }
    }

    // MARK: Room

    private func fits(_ blocks: Int) -> Bool { cache.taken + promised + blocks <= cacheBlocks }

    /// Lets ready responses take part, as far as there is room; one at least.
    private func activate() {
        while active.count < limits.sequences, let next = ready.last,
            active.isEmpty || fits(next.mostBlocks)
        {
            ready.removeLast()
            active.append(next)
            promised += next.mostBlocks
        }
    }

    /// Prompts are read when a fair part of the places is free, so that many are read at once.
    private var shouldReadPrompts: Bool {
        guard ready.isEmpty, let next = waiting.last else { return false }
        if active.isEmpty { return true }
        let room = limits.sequences - active.count
        return room >= max(1, limits.sequences / 16) && fits(blocks(of: next))
    }

    /// The most blocks that a prompt and one response to it take.
    private func blocks(of group: PromptGroup) -> Int {
        let response = group.drafts.map { max(0, $0.limit - 1) }.max() ?? 0
        return KeyValueCache.blocks(for: group.tokens.count) + KeyValueCache.blocks(for: response)
    }

    // MARK: Prompts

    /// Computes the next prompts and draws the first tokens of their responses.
    private func readPrompts(name: (Int) -> String) throws {
        let prompts = try takePrompts()
        var rows: [TokenRow] = []
        var ends: [Int] = []
        for (prompt, _) in prompts {
            for position in prompt.found..<prompt.tokens.count {
                rows.append(
                    TokenRow(
                        token: prompt.tokens[position], position: position, table: prompt.table,
                        prompt: position + 1))
            }
            ends.append(rows.count - 1)
        }
        var drawn: [GrowingSequence] = []
        var next = 0
        for start in stride(from: 0, to: rows.count, by: step.capacity) {
            try Task.checkCancellation()
            let end = min(rows.count, start + step.capacity)
            try step.runPrompts(rows[start..<end])
            let first = next
            while next < ends.count, ends[next] < end { next += 1 }
            let groups = prompts[first..<next].map(\.sequences)
            try draw(groups, at: ends[first..<next].map { Int32($0 - start) }, name: name)
            drawn += groups.joined()
        }
        ready = drawn.filter { $0.response == nil }.reversed()
        conversation?.last = prompts.last?.prompt
    }

    /// Takes as many waiting prompts as there is room for, one at least.
    private func takePrompts() throws -> [(prompt: CachedPrompt, sequences: [GrowingSequence])] {
        var taken: [(CachedPrompt, [GrowingSequence])] = []
        var room = limits.sequences - active.count
        var tokens = 0
        while let group = waiting.last, taken.isEmpty || (room > 0 && fits(blocks(of: group))),
            tokens < limits.promptTokens
        {
            waiting.removeLast()
            let growing = deliverEmpty(group.drafts)
            guard !growing.isEmpty else { continue }
            let prompt = try CachedPrompt(group.tokens, cache: cache, prefixes: prefixes)
            taken.append((prompt, growing.map { GrowingSequence($0, prompt: prompt) }))
            room -= growing.count
            tokens += prompt.tokens.count - prompt.found
        }
        return taken
    }

    /// Delivers the drafts that are finished before their first token; returns the others.
    private func deliverEmpty(_ drafts: [ResponseDraft]) -> [ResponseDraft] {
        drafts.filter { draft in
            guard draft.finish != nil else { return true }
            deliver(draft, draft.response(tokenizer: tokenizer))
            return false
        }
    }

    // MARK: Steps

    /// Draws the next token of every active response.
    private func grow(name: (Int) -> String) throws {
        var rows: [TokenRow] = []
        rows.reserveCapacity(active.count)
        for sequence in active {
            let (row, tookBlock) = try sequence.nextRow(cache: cache)
            if tookBlock { promised -= 1 }
            rows.append(row)
        }
        try step.runSequences(rows[...])
        try draw(active.map { [$0] }, at: (0..<Int32(active.count)).map { $0 }, name: name)
        active.removeAll { sequence in
            guard sequence.response != nil else { return false }
            promised -= sequence.mostBlocks - sequence.ownBlocks
            return true
        }
    }

    /// Draws a token of each sequence from the logits of its group's row, and delivers what is
    /// finished by it.
    private func draw(
        _ groups: [[GrowingSequence]], at rows: [Int32], name: (Int) -> String
    ) throws {
        let sequences = Array(groups.joined())
        var first = [0]
        for group in groups { first.append(first[first.count - 1] + group.count) }
        var draws = sequences.map { reflux_draw($0.draft) }
        try step.draw(&draws, of: rows, first: first)
        if let bad = draws.firstIndex(where: { $0.token < 0 }) {
            throw RefluxError(
                .numeric,
                found: "the model's logits for \"\(name(sequences[bad].draft.request))\" are not "
                    + "finite",
                remedy: "The weights are damaged, or training has diverged: go back to an "
                    + "earlier checkpoint.")
        }
        model.pool.runBlocks(sequences.count, size: 8) { range in
            for index in range {
                sequences[index].append(
                    draws[index].token, logProbability: draws[index].log_probability,
                    tokenizer: tokenizer)
            }
        }
        for sequence in sequences {
            if let drawn, let token = sequence.draft.tokens.last { drawn(token) }
            if let response = sequence.response { deliver(sequence.draft, response) }
        }
    }
}

extension reflux_draw {
    /// The draw of a response's next token; its logits are not known yet.
    init(_ draft: ResponseDraft) {
        let settings = draft.settings
        self.init(
            logits: nil, uniform: draft.nextUniform, temperature: Float(settings.temperature),
            top_p: Float(settings.topP), min_p: Float(settings.minP),
            top_k: Int32(clamping: settings.topK), token: -1, log_probability: 0)
    }
}
