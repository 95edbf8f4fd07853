import RefluxCore

/// One response in the making: it takes tokens one by one and knows when it is finished.
struct ResponseDraft {
    /// Where the response goes: the request and the sample of that request.
    let request: Int
    let sample: Int
    let settings: SamplingSettings
    /// The random numbers of this sample; token t uses position t.
    let key: RandomKey
    /// The most tokens, by the settings and by the context.
    let limit: Int
    /// The tokens drawn so far and their log-probabilities.
    private(set) var tokens: [Int32] = []
    private(set) var logProbabilities: [Float] = []
    /// Why it ended; `nil` while it grows.
    private(set) var finish: Response.FinishReason?

    private let endings: Endings
    private var scanner: StopScanner

    /// Starts a response to a prompt that leaves room for `room` tokens in the context.
    init(request: Int, sample: Int, of asked: SampleRequest, room: Int, endings: Endings) {
        self.request = request
        self.sample = sample
        self.endings = endings
        settings = asked.settings
        key = asked.key.with(sample: Int(asked.key.sample) + sample)
        limit = min(asked.settings.maxTokens, room)
        scanner = StopScanner(stops: endings.stops)
        tokens.reserveCapacity(min(limit, 64))
        logProbabilities.reserveCapacity(min(limit, 64))
        if limit == 0 { finish = .length }
    }

    /// The uniform number that draws the next token.
    var nextUniform: Double { key.uniform(at: tokens.count) }

    /// Adds a drawn token and decides whether the response ends with it.
    mutating func append(_ token: Int32, logProbability: Float, tokenizer: any Tokenizer) {
        tokens.append(token)
        logProbabilities.append(logProbability)
        if endings.tokens.contains(token) || scanner.findsStop(in: tokens, tokenizer: tokenizer) {
            finish = .stop
        } else if tokens.count == limit {
            finish = .length
        }
    }

    /// The response with its text: without the token that ended it, special tokens, and a stop text
    /// and what follows it.
    func response(tokenizer: any Tokenizer) -> SampledResponse {
        let ended = tokens.last.map(endings.tokens.contains) ?? false
        let text = tokenizer.decode(ended ? tokens.dropLast() : tokens, skipSpecial: true)
        return SampledResponse(
            tokens: tokens, logProbabilities: logProbabilities,
            text: StopScanner.cut(text, at: endings.stops), finish: finish ?? .unknown)
    }
}

/// What ends the responses of one request.
struct Endings {
    /// Tokens that end a response: the model's own, and stop texts that are special tokens, which
    /// the decoded text would not show.
    let tokens: Set<Int32>
    /// The stop texts that are looked for in the decoded text.
    let stops: [String]

    /// Sorts stop texts into tokens and texts.
    init(stops: [String], tokenizer: any Tokenizer) {
        var tokens = tokenizer.endTokens
        var texts: [String] = []
        for stop in stops {
            let ids = tokenizer.encode(stop, parseSpecial: true)
            if ids.count == 1, tokenizer.decode(ids, skipSpecial: true).isEmpty {
                tokens.insert(ids[0])
            } else {
                texts.append(stop)
            }
        }
        self.tokens = tokens
        self.stops = texts
    }
}
