import RefluxTasks

/// Why two readings differ on a response, in words that can be counted.
enum DisagreementReason {
    /// A reading with what it found.
    typealias Found = (reading: NamedReading, trace: AnswerTrace?)

    /// The reason, for two that differ.
    static func of(_ first: Found, _ second: Found, in text: String) -> String {
        for (one, other) in [(first, second), (second, first)] {
            guard let trace = one.trace else { continue }
            let scope = other.reading.extractor.scope(of: text)
            if trace.range.clamped(to: scope) != trace.range {
                return "\(one.reading.name) reads text that \(other.reading.name) leaves out "
                    + "(thinking, or another question behind the answer)"
            }
            if other.trace == nil {
                return "\(one.reading.name) goes by \"\(trace.level)\", where "
                    + "\(other.reading.name) finds no answer"
            }
        }
        guard let one = first.trace, let other = second.trace else { return "" }
        let levels =
            "\(first.reading.name) goes by \"\(one.level)\", \(second.reading.name) by "
            + "\"\(other.level)\""
        if one.range.overlaps(other.range) { return levels + " at the same place" }
        return levels
            + (one.range.lowerBound < other.range.lowerBound ? " further on" : " further up")
    }
}
