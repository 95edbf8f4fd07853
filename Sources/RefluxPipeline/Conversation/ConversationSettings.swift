import RefluxCore

/// How the answers of a conversation are drawn; `/set` changes it.
struct ConversationSettings: Sendable, Equatable {
    /// How tokens are drawn.
    var sampling: SamplingSettings
    /// The seed of the random numbers.
    var seed: UInt64

    /// The keys of `/set`.
    static let keys = ["temperature", "top-k", "top-p", "min-p", "max-tokens", "seed"]

    /// Changes a value.
    ///
    /// - Throws: ``RefluxError`` of kind `usage`; nothing is changed then.
    mutating func set(_ key: String, to text: String) throws {
        let wanted: String
        switch key {
        case "temperature":
            if let value = Double(text), value >= 0, value.isFinite {
                return sampling.temperature = value
            }
            wanted = "0 (greedy) or more"
        case "top-k":
            if let value = Int(text), value >= 0 { return sampling.topK = value }
            wanted = "a whole number; 0 keeps all"
        case "top-p":
            if let value = Double(text), value > 0, value <= 1 { return sampling.topP = value }
            wanted = "above 0, at most 1"
        case "min-p":
            if let value = Double(text), (0...1).contains(value) { return sampling.minP = value }
            wanted = "from 0 to 1"
        case "max-tokens":
            if let value = Int(text), value >= 1 { return sampling.maxTokens = value }
            wanted = "a whole number from 1"
        case "seed":
            if let value = UInt64(text) { return seed = value }
            wanted = "a whole number"
        default:
            throw RefluxError(
                .usage, found: "unknown key \(key)",
                remedy: suggestion(for: key, known: Self.keys))
        }
        throw RefluxError(.usage, found: "\(key) \(text)", wanted: wanted)
    }
}
