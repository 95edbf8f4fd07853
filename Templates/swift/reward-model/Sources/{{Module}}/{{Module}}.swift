import RefluxPluginKit

/// Prefers responses that contain keywords, that are no longer than they need to be, and that were not
/// cut. It only scores; conform to `TrainableRewardModel` to learn.
struct {{Module}}: RewardModel {
    static let about = About(
        id: "{{id}}", title: "{{title}}",
        description: "Scores by keywords and length; learns nothing.",
        settings: [
            .texts(
                "keywords", default: ["answer"],
                "every one that occurs adds 1, in any case of its letters"),
            .integer("free_words", default: 100, in: 0...1_000_000, "words that cost nothing"),
            .number("word_cost", default: 0.01, in: 0...1000, "what every further word costs"),
            .number("cut_cost", default: 2, in: 0...1000, "what it costs to be cut by a limit"),
        ])

    private let keywords: [String]
    private let freeWords: Int
    private let wordCost: Double
    private let cutCost: Double

    init(_ settings: Settings, host: HostInfo) throws {
        keywords = try settings.texts("keywords").map { $0.lowercased() }
        freeWords = try settings.integer("free_words")
        wordCost = try settings.number("word_cost")
        cutCost = try settings.number("cut_cost")
    }

    func score(_ items: [ScoringItem], call: Call) throws -> [Double] {
        try items.map { item in
            try call.checkCancellation()
            let text = item.text.lowercased()
            let found = keywords.count { !$0.isEmpty && text.contains($0) }
            let words = text.split(whereSeparator: \.isWhitespace).count
            return Double(found) - wordCost * Double(max(0, words - freeWords))
                - (item.finished ? 0 : cutCost)
        }
    }
}
