import Foundation
import RefluxCore
import RefluxFiles

/// One number of several runs: the mean accuracy of a model by a metric.
package struct AverageRow: Sendable, Encodable, Equatable {
    /// The model.
    package let model: String
    /// The split.
    package let split: String
    /// The metric.
    package let metric: String
    /// How many runs have the row.
    package let runs: Int
    /// The mean of the runs' accuracies.
    package let accuracy: Double
    /// The standard error over runs: their standard deviation over the root of their number; absent
    /// for a single run.
    package let standardError: Double?
    /// The standard error over all problems of all runs together, as if each was drawn anew.
    package let pooledStandardError: Double
    /// All problems of all runs.
    package let count: Int

    enum CodingKeys: String, CodingKey {
        case model, split, metric, runs, accuracy
        case standardError = "standard_error"
        case pooledStandardError = "pooled_standard_error"
        case count = "n"
    }
}

/// The average over several runs, for instance over seeds.
package struct RunAverage: Sendable, Encodable, Equatable {
    /// The rows, in the order of the first run.
    package let rows: [AverageRow]

    /// Averages results row by row; a row that some runs lack is averaged over the others.
    package init(of results: [EvaluationResult]) {
        var order: [ResultRow] = []
        for row in results.flatMap(\.rows) where !order.contains(where: { Self.same($0, row) }) {
            order.append(row)
        }
        rows = order.map { row in
            Self.average(results.compactMap { $0.rows.first { Self.same($0, row) } }, as: row)
        }
    }

    /// Reads the results of run folders and averages them.
    ///
    /// - Throws: ``RefluxError`` of kind `input` naming a folder without a result.
    package init(runFolders: [String]) throws {
        self.init(of: try runFolders.map(EvaluationResult.init(runFolder:)))
    }

    /// The table for a terminal.
    package var text: String {
        TextTable(
            header: ["model", "metric", "accuracy ± over runs", "± pooled", "runs", "n"],
            lines: rows.map { row in
                let error = row.standardError.map { String(format: "%.3f", $0) } ?? "-"
                return [
                    row.model, row.metric, String(format: "%.3f", row.accuracy) + " ± \(error)",
                    String(format: "%.3f", row.pooledStandardError), "\(row.runs)",
                    "\(row.count)",
                ]
            }
        ).plain
    }

    private static func same(_ a: ResultRow, _ b: ResultRow) -> Bool {
        a.model == b.model && a.split == b.split && a.metric == b.metric
    }

    private static func average(_ rows: [ResultRow], as row: ResultRow) -> AverageRow {
        let values = rows.map(\.accuracy)
        let runs = Double(values.count)
        let mean = values.reduce(0, +) / runs
        let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        let problems = rows.reduce(0) { $0 + $1.count }
        let right = rows.reduce(0) { $0 + $1.accuracy * Double($1.count) }
        let pooled = problems == 0 ? 0 : right / Double(problems)
        return AverageRow(
            model: row.model, split: row.split, metric: row.metric, runs: values.count,
            accuracy: mean,
            standardError: values.count < 2 ? nil : (squares / (runs - 1) / runs).squareRoot(),
            pooledStandardError: problems < 2
                ? 0 : (pooled * (1 - pooled) / Double(problems - 1)).squareRoot(),
            count: problems)
    }
}

extension EvaluationResult {
    /// The result of a finished run.
    ///
    /// - Throws: ``RefluxError`` of kind `input` when the folder holds none.
    package init(runFolder: String) throws {
        let path = "\(runFolder)/result.json"
        guard Files.exists(path) else {
            throw RefluxError(
                .input, found: "no result.json", at: SourceLocation(path: runFolder),
                wanted: "the folder of a finished run",
                remedy: "Finish it with reflux resume \(runFolder).")
        }
        self = try JSONText.decode(EvaluationResult.self, from: Files.read(path), path: path)
    }
}
