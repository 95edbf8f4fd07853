import RefluxCore

extension ReadingComparison {
    /// The comparison for a terminal.
    package var text: String {
        let table = TextTable(
            header: ["responses", "\(responses)"],
            lines: [
                ["same answer", "\(same)"], ["no answer by either", "\(neither)"],
                ["different answers", "\(different)"], ["only \(readings[0])", "\(onlyFirst)"],
                ["only \(readings[1])", "\(onlySecond)"],
            ]
                + zip(readings, [firstRight, secondRight]).compactMap { name, accuracy in
                    accuracy.map {
                        ["\(name) right", FinalTable.withError($0.value, $0.standardError)]
                    }
                })
        let shown = differences.map { difference in
            let head =
                "line \(difference.line)  \(difference.prompt)  \(difference.model)  gold="
                + (difference.gold ?? "-")
            return ([head] + difference.readings.map(\.text) + ["    \(difference.reason)"])
                .joined(separator: "\n")
        }
        let counted = reasons.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
            .map { "\($0.value)  \($0.key)" }.joined(separator: "\n")
        return ([table.plain] + (counted.isEmpty ? [] : [counted]) + shown).joined(
            separator: "\n\n")
    }
}

extension ReadingComparison.Finding {
    /// One line: `official=C (last letter, bytes 10 to 12): … »C« …`.
    var text: String {
        guard let answer, let level, let start, let end, let excerpt else {
            return "    \(reading)=-"
        }
        let line = excerpt.split(whereSeparator: \.isNewline).joined(separator: " ")
        return "    \(reading)=\(answer) (\(level), bytes \(start) to \(end)): \(line)"
    }
}
