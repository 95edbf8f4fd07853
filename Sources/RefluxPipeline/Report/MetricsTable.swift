import RefluxFiles

/// The numbers of a stage that has one line of metrics, or whose last line tells all.
enum MetricsTable {
    /// The last line in Markdown, a row a metric; `nil` when there are no metrics.
    static func markdown(of folder: String) throws -> String? {
        let lines = try MetricsFile.lines(at: "\(folder)/metrics.jsonl")
        guard let last = lines.last else { return nil }
        let rows = MetricMeaning.sorted(last.keys.filter { $0 != "step" }).map { name in
            [name, shortNumber(last[name] ?? 0), MetricMeaning.of(name)]
        }
        return TextTable(header: ["metric", "value", "meaning"], lines: rows).markdown
    }
}
