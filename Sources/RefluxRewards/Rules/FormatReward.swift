import Foundation
public import RefluxCore

/// The fraction of the demanded texts and patterns that a response holds: 1 where all are there, 0
/// where none is (the format rewards of open-r1).
///
/// Where nothing is demanded, a response is in form when its answer can be read. Who may not earn
/// gets 0 (``EarningGate``). There is no label. Metrics: `mean`, `barred`.
public struct FormatReward: PseudoRewardRule {
    /// Texts that must stand in a response.
    public let markers: [String]
    /// Regular expressions that must match somewhere in a response.
    public let patterns: [String]
    /// Who may earn.
    public var gate: EarningGate
    private let expressions: [NSRegularExpression]

    /// Makes the rule.
    ///
    /// - Parameters:
    ///   - markers: texts, none of them empty.
    ///   - patterns: regular expressions of ICU; options stand inside, for instance `(?s)`, and `\A`
    ///     and `\z` bind them to the whole response.
    ///   - gate: who may earn; without markers and patterns an answer is needed.
    /// - Throws: ``RefluxError`` of kind `usage` naming what is wrong.
    public init(
        markers: [String] = [], patterns: [String] = [], gate: EarningGate = EarningGate()
    ) throws {
        guard !markers.contains("") else {
            throw RefluxError(.usage, found: "an empty marker", wanted: "a text")
        }
        guard gate.needsAnswer || !(markers.isEmpty && patterns.isEmpty) else {
            throw RefluxError(
                .usage, found: "the rule format with nothing to look for",
                wanted: "markers or patterns, or needs_answer: true")
        }
        self.markers = markers
        self.patterns = patterns
        expressions = try patterns.map { pattern in
            guard let expression = try? NSRegularExpression(pattern: pattern) else {
                throw RefluxError(
                    .usage, found: "the pattern \"\(pattern)\"",
                    wanted: "a regular expression of ICU")
            }
            return expression
        }
        self.gate = gate
    }

    /// Reads `markers`, `patterns`, `needs_answer` and `cut`.
    init(_ reader: ConfigurationReader) throws {
        let markers = try reader.strings("markers", default: [])
        let patterns = try reader.strings("patterns", default: [])
        let gate = try EarningGate(reader)
        do {
            try self.init(markers: markers, patterns: patterns, gate: gate)
        } catch var error as RefluxError {
            error.location = reader.place(of: markers.contains("") ? "markers" : "patterns")
            throw error
        }
    }

    /// `format`.
    public var name: String { "format" }

    /// Looks for markers and patterns. Linear in the text, where the patterns are.
    public func judge(_ group: ResponseGroup) -> GroupJudgement {
        gate.judge(group) { .reward(share(of: $0.text)) }
    }

    private func share(of text: String) -> Double {
        let wanted = markers.count + expressions.count
        guard wanted > 0 else { return 1 }
        let whole = NSRange(text.startIndex..., in: text)
        let found =
            markers.count { text.contains($0) }
            + expressions.count { $0.firstMatch(in: text, range: whole) != nil }
        return Double(found) / Double(wanted)
    }
}
