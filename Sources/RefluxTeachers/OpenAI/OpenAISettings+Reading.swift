import Foundation
public import RefluxCore

extension OpenAISettings {
    /// The keys that change no answer: no stage runs again for them.
    static let immaterialKeys = [
        "api_key_env", "api_key_header", "concurrency", "requests_per_minute", "tokens_per_minute",
        "timeout", "retries", "on_error", "price_per_million",
    ]

    /// The keys of a request's body that are not for `extra`, with what sets them.
    private static let ownBodyKeys = [
        "model": "model", "messages": "the task", "prompt": "the task", "n": "samples",
        "best_of": "samples", "stream": "nothing: answers are wanted whole",
        "seed": "run.seed and seeds", "temperature": "temperatures", "top_p": "top_p",
        "top_k": "top_k", "min_p": "min_p", "max_tokens": "max_tokens",
        "max_completion_tokens": "max_tokens", "stop": "the task", "logprobs": "logprobs",
        "top_logprobs": "logprobs",
    ]

    /// Reads the settings from a table.
    ///
    /// - Throws: ``RefluxError`` of kind `usage` when a key is missing or a value is wrong.
    public init(_ reader: ConfigurationReader) throws {
        let model = try reader.requiredString("model", meaning: "the model, as the server calls it")
        self.init(baseURL: try Self.address(reader), model: model)
        guard !model.isEmpty else { throw reader.wrong("model", wanted: "a model's name") }
        name = try reader.string("name", default: name)
        guard !name.isEmpty else { throw reader.wrong("name", wanted: "a name") }
        api = try reader.choice("api", default: api)
        server = try reader.choice("server", default: server)
        logprobs = try reader.bool("logprobs", default: logprobs)
        seeds = try reader.bool("seeds", default: seeds)
        samplesPerRequest = try reader.int("samples_per_request", default: 1, in: 1...1000)
        extra = try Self.extra(reader)
        try readAccess(reader)
        try readLimits(reader)
    }

    private mutating func readAccess(_ reader: ConfigurationReader) throws {
        keyVariable = try reader.optionalString("api_key_env")
        if let keyVariable, !Self.isVariableName(keyVariable) {
            // The value is not shown: someone may have written the key itself.
            throw RefluxError(
                .usage, found: "a text that is no name of a variable",
                at: reader.place(of: "api_key_env"),
                wanted: "the name of an environment variable that holds the key",
                remedy:
                    "Put the key into a variable, for instance OPENAI_API_KEY, and its name here.")
        }
        keyHeader = try reader.string("api_key_header", default: keyHeader)
        guard Self.isHeaderName(keyHeader) else {
            throw reader.wrong("api_key_header", wanted: "the name of a header")
        }
        headers = try Self.headers(reader)
    }

    private mutating func readLimits(_ reader: ConfigurationReader) throws {
        concurrency = try reader.int("concurrency", default: concurrency, in: 1...4096)
        requestsPerMinute = try reader.optionalDouble("requests_per_minute", in: 0.01...1e9)
        tokensPerMinute = try reader.optionalDouble("tokens_per_minute", in: 1...1e12)
        timeout = try reader.double("timeout", default: timeout, in: 0.01...86_400)
        retries = try reader.int("retries", default: retries, in: 0...100)
        onError = try reader.choice("on_error", default: onError)
        guard reader.node("price_per_million") != nil else { return }
        let table = try reader.table("price_per_million")
        price = Price(
            prompt: try table.double("prompt", default: 0, in: 0...1e9),
            completion: try table.double("completion", default: 0, in: 0...1e9))
        try table.finish()
        reader.record("price_per_million", table.resolved.value)
    }

    /// The base address, checked and without slashes at its end.
    private static func address(_ reader: ConfigurationReader) throws -> String {
        let example = "an address such as http://127.0.0.1:8000/v1"
        var text = try reader.requiredString("base_url", meaning: example)
        while text.hasSuffix("/") { text.removeLast() }
        guard let parts = URLComponents(string: text), let scheme = parts.scheme?.lowercased(),
            ["http", "https"].contains(scheme), let host = parts.host, !host.isEmpty
        else { throw reader.wrong("base_url", wanted: example) }
        guard parts.user == nil, parts.password == nil, parts.query == nil, parts.fragment == nil
        else {
            throw RefluxError(
                .usage, found: "an address with a user, a query or a fragment",
                at: reader.place(of: "base_url"), wanted: example,
                remedy: "Secrets do not belong in a run file: name a variable with api_key_env.")
        }
        guard api(at: text) == nil else {
            throw reader.wrong(
                "base_url", wanted: "the address without the last part, \(example)",
                remedy: "The key api says what is asked there.")
        }
        return text
    }

    private static func api(at address: String) -> API? {
        API.allCases.first { address.hasSuffix("/\($0.path)") }
    }

    private static func extra(_ reader: ConfigurationReader) throws -> [String: BodyValue] {
        guard let node = reader.node("extra") else { return [:] }
        guard case .table(let entries) = node.value else {
            throw reader.wrong("extra", wanted: "a table of keys of the request's body")
        }
        if let taken = entries.first(where: { ownBodyKeys[$0.key] != nil }) {
            throw RefluxError(
                .usage, found: "the key \"\(taken.key)\" of the request's body",
                at: taken.node.location, wanted: "keys that Reflux does not send itself",
                remedy: "It is set by \(ownBodyKeys[taken.key] ?? "Reflux").")
        }
        if !entries.isEmpty { reader.record("extra", node.value) }
        guard case .table(let values) = BodyValue(node.value) else { return [:] }
        return values
    }

    private static func headers(_ reader: ConfigurationReader) throws -> [String: String] {
        let wanted = "a table of headers, each a text"
        guard let node = reader.node("headers") else { return [:] }
        guard case .table(let entries) = node.value else {
            throw reader.wrong("headers", wanted: wanted)
        }
        var headers: [String: String] = [:]
        for entry in entries {
            guard isHeaderName(entry.key), case .string(let value) = entry.node.value,
                isHeaderValue(value)
            else {
                throw RefluxError(
                    .usage, found: "found \(entry.node.value.kindName)", at: entry.node.location,
                    wanted: wanted)
            }
            guard !["authorization", "api-key", "x-api-key"].contains(entry.key.lowercased()) else {
                throw RefluxError(
                    .usage, found: "the header \(entry.key), which holds a secret",
                    at: entry.node.location, wanted: "no secrets in a run file",
                    remedy: "Name the variable that holds the key with api_key_env, and the header "
                        + "with api_key_header.")
            }
            headers[entry.key] = value
        }
        if !entries.isEmpty { reader.record("headers", node.value) }
        return headers
    }

    private static func isVariableName(_ text: String) -> Bool {
        guard let first = text.utf8.first, !(0x30...0x39).contains(first) else { return false }
        return text.utf8.allSatisfy { isLetterOrDigit($0) || $0 == UInt8(ascii: "_") }
    }

    private static func isHeaderName(_ text: String) -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy {
                isLetterOrDigit($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_")
            }
    }

    /// Visible characters of ASCII, and spaces between them.
    static func isHeaderValue(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { (0x20...0x7E).contains($0) }
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        default: false
        }
    }
}
