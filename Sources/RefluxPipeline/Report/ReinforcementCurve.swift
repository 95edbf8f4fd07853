import RefluxFiles

/// The course of reinforcement, from `metrics.jsonl`: some steps, all metrics.
enum ReinforcementCurve {
    /// How many steps are shown.
    private static let shown = 9

    /// The course in Markdown, a line a metric; `nil` when there are no metrics.
    static func markdown(of folder: String) throws -> String? {
        let lines = try MetricsFile.lines(at: "\(folder)/metrics.jsonl")
            .sorted { ($0["step"] ?? 0) < ($1["step"] ?? 0) }
        guard !lines.isEmpty else { return nil }
        let names = MetricMeaning.sorted(Set(lines.flatMap(\.keys)).subtracting(["step"]))
        let bounds = ranges(of: lines.count)
        let header = bounds.map { range in
            let first = shortNumber(lines[range.lowerBound]["step"] ?? 0)
            let last = shortNumber(lines[range.upperBound - 1]["step"] ?? 0)
            return first == last ? first : "\(first)-\(last)"
        }
        let rows = names.map { name in
            [name] + bounds.map { mean(lines[$0].compactMap { $0[name] }) }
                + [MetricMeaning.of(name)]
        }
        return "Means over steps; every step is in reinforce/metrics.jsonl.\n\n"
            + TextTable(header: ["metric \\ step"] + header + ["meaning"], lines: rows).markdown
    }

    /// Splits steps into equal parts.
    private static func ranges(of count: Int) -> [Range<Int>] {
        let parts = min(shown, count)
        return (0..<parts).map { count * $0 / parts..<count * ($0 + 1) / parts }
    }

    private static func mean(_ values: [Double]) -> String {
        values.isEmpty ? "-" : shortNumber(values.reduce(0, +) / Double(values.count))
    }
}
