import RefluxFiles

/// The numbers of a stage that has one line of metrics, or whose last line tells all.
enum MetricsTable {
    /// The last line in Markdown, a row a metric; `nil` when there are no metrics.
    static func markdown(of folder: String) throws -> String? {
        let lines = try MetricsFile.lines(at: "\(folder)/metrics.jsonl")
        guard let last = lines.last else { return nil }
        let rows = last.filter { $0.key != "step" }.sorted { $0.key < $1.key }
        return TextTable(
            header: ["metric", "value"], lines: rows.map { [$0.key, shortNumber($0.value)] }
        ).markdown
    }
}
