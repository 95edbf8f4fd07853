import Foundation

/// The final table of a run: a line a model, a column a metric.
enum FinalTable {
    /// The table of some rows; models and metrics in the order of their first row.
    static func table(of rows: [ResultRow]) -> TextTable {
        let metrics = unique(rows.map(\.metric))
        let lines = unique(rows.map(\.model)).map { model in
            let own = rows.filter { $0.model == model }
            let cells = metrics.map { metric in
                own.first { $0.metric == metric }.map { row in
                    withError(row.accuracy, row.standardError)
                } ?? "-"
            }
            let unparsed = own.lazy.compactMap(\.unparsedRate).first.map(percent) ?? "-"
            return [model] + cells + [unparsed, "\(own.first?.count ?? 0)"]
        }
        return TextTable(header: ["model"] + metrics + ["unparsed", "n"], lines: lines)
    }

    /// `0.583 ± 0.020`.
    static func withError(_ value: Double, _ error: Double) -> String {
        String(format: "%.3f ± %.3f", value, error)
    }

    /// `4.2%`.
    static func percent(_ value: Double) -> String { String(format: "%.1f%%", 100 * value) }

    /// The different elements, in the order of their first appearance.
    static func unique(_ names: [String]) -> [String] {
        names.reduce(into: []) { result, name in
            if !result.contains(name) { result.append(name) }
        }
    }
}

extension EvaluationResult {
    /// The table for a terminal.
    package var text: String { FinalTable.table(of: rows).plain }
}
