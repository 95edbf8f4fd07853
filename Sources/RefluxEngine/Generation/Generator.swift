import RefluxCore

/// Draws responses from a model.
///
/// Each distinct prompt is computed once; its samples share its keys and values. Responses grow
/// together, one token of each at a step, and a finished one makes room for the next.
///
/// A response depends on its request alone: its random numbers are keyed by request, sample and
/// token, and every token is drawn from its own row of logits. Not safe for several threads; the
/// engine that owns it serialises its calls.
struct Generator {
    let model: Transformer
    let tokenizer: any Tokenizer
    let limits: GenerationLimits

    /// Makes a generator of a model whose packed matrices are up to date.
    init(
        model: Transformer, tokenizer: any Tokenizer, limits: GenerationLimits = .machine
    ) {
        self.model = model
        self.tokenizer = tokenizer
        self.limits = limits
    }

    /// Draws the samples of each request, in order.
    ///
    /// - Parameters:
    ///   - requests: prompts, each with a number of samples.
    ///   - finished: called once for every finished response.
    ///   - drawn: called for every token; for calls of one response.
    ///   - conversation: what earlier calls kept, and where this one keeps its last prompt.
    /// - Returns: the samples of each request.
    /// - Throws: ``RefluxError`` for a request that cannot be served, before anything is computed;
    ///   of kind `numeric` when logits are not finite; `CancellationError` when the task is
    ///   cancelled.
    func sample(
        _ requests: [SampleRequest], finished: @escaping () -> Void,
        drawn: ((_ token: Int32) -> Void)? = nil, in conversation: ConversationCache? = nil
    ) throws -> [[SampledResponse]] {
        let configuration = model.configuration
        for request in requests {
            try request.check(
                contextLength: configuration.contextLength,
                vocabularySize: configuration.vocabularySize)
        }
        var results = requests.map { [SampledResponse?](repeating: nil, count: $0.count) }
        let groups = makeGroups(requests)
        let batch = try GenerationBatch(
            model: model, tokenizer: tokenizer, limits: limits, groups: groups, drawn: drawn,
            conversation: conversation
        ) { draft, response in
            results[draft.request][draft.sample] = response
            finished()
        }
        try batch.run { requests[$0].id }
        return results.map { $0.compactMap { $0 } }
    }

    /// The drafts of all requests, those with the same prompt together.
    private func makeGroups(_ requests: [SampleRequest]) -> [PromptGroup] {
        var groups: [PromptGroup] = []
        var known: [[Int32]: Int] = [:]
        for (index, request) in requests.enumerated() {
            let endings = Endings(stops: request.settings.stops, tokenizer: tokenizer)
            let room = model.configuration.contextLength - request.prompt.count
            let drafts = (0..<request.count).map {
                ResponseDraft(request: index, sample: $0, of: request, room: room, endings: endings)
            }
            let group = known[request.prompt] ?? groups.count
            if group == groups.count {
                known[request.prompt] = group
                groups.append(PromptGroup(tokens: request.prompt, drafts: []))
            }
            groups[group].drafts += drafts
        }
        return groups
    }
}

/// A prompt and all the responses that are wanted to it.
struct PromptGroup {
    let tokens: [Int32]
    var drafts: [ResponseDraft]
}
