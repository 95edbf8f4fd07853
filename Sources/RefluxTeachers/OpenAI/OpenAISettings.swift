/// The keys of the teacher `openai-compatible`.
public struct OpenAISettings: Sendable, Equatable {
    /// How the server is asked.
    public enum API: String, Sendable, CaseIterable {
        /// Messages, which the server renders by the model's chat template.
        case chat
        /// A text to be continued.
        case completions

        /// The path behind the base address.
        var path: String { self == .chat ? "chat/completions" : "completions" }
    }

    /// What is done about a prompt that the server refuses to answer.
    public enum ErrorPolicy: String, Sendable, CaseIterable {
        /// The stage ends with an error.
        case stop
        /// The prompt has fewer responses; how many is told.
        case skip
    }

    /// What a million tokens cost, in any one currency.
    public struct Price: Sendable, Equatable {
        /// A million tokens of prompts.
        public var prompt: Double
        /// A million generated tokens.
        public var completion: Double

        /// Makes a price.
        public init(prompt: Double, completion: Double) {
            self.prompt = prompt
            self.completion = completion
        }
    }

    /// `base_url`: the address up to the API's version, for instance `http://127.0.0.1:8000/v1`,
    /// without a slash at its end.
    public var baseURL: String
    /// `model`: the model, as the server calls it.
    public var model: String
    /// `name`: the teacher's name in provenance and reports; by default the last part of `model`.
    public var name: String
    /// `api`: how it is asked.
    public var api = API.chat
    /// `server`: which program answers.
    public var server = ServerFamily.generic
    /// `api_key_env`: the name of the environment variable that holds the key, where one is wanted.
    public var keyVariable: String?
    /// `api_key_header`: the header in which the key is sent; `Authorization` sends a bearer token.
    public var keyHeader = "Authorization"
    /// `headers`: further headers of every request.
    public var headers: [String: String] = [:]
    /// `extra`: further keys of every request's body, sent as given.
    public var extra: [String: BodyValue] = [:]
    /// `concurrency`: the most requests that are under way at once.
    public var concurrency = 8
    /// `requests_per_minute`: the most requests a minute.
    public var requestsPerMinute: Double?
    /// `tokens_per_minute`: the most tokens a minute, of prompts and answers.
    public var tokensPerMinute: Double?
    /// `timeout`: the longest that one request may take, in seconds.
    public var timeout = 600.0
    /// `retries`: how often a request that failed is sent again.
    public var retries = 8
    /// `logprobs`: whether log-probabilities of the answers are asked for.
    public var logprobs = false
    /// `seeds`: whether a seed is sent with each request.
    public var seeds = true
    /// `samples_per_request`: the most samples that one request asks for.
    public var samplesPerRequest = 1
    /// `on_error`: what is done about a prompt that the server refuses.
    public var onError = ErrorPolicy.stop
    /// `price_per_million`: what tokens cost.
    public var price: Price?

    /// Makes settings.
    public init(baseURL: String, model: String, name: String? = nil) {
        self.baseURL = baseURL
        self.model = model
        self.name = name ?? Self.lastPart(of: model)
    }

    static func lastPart(of path: String) -> String {
        path.split(separator: "/").last.map(String.init) ?? path
    }
}
