import Foundation
import RefluxCore

extension RecordedEvaluation {
    /// The numbers for a terminal.
    package var text: String {
        var blocks = [table.plain]
        // Many models have too many categories for a terminal; JSON has them all.
        if models.count == 1 {
            blocks += models.filter { !$0.categories.isEmpty }.map(categories)
        }
        blocks += models.filter { !$0.sampling.isEmpty }.map(sampling)
        if let comparison { blocks.append(comparison.text) }
        return blocks.joined(separator: "\n\n")
    }

    private var table: TextTable {
        TextTable(
            header: ["model"] + metrics + ["unparsed", "questions", "responses"],
            lines: models.map { model in
                [model.model] + metrics.map { cell(model.metrics[$0]) }
                    + [
                        FinalTable.percent(model.unparsedRate), "\(model.questions)",
                        "\(model.responses)",
                    ]
            })
    }

    private func categories(_ model: Model) -> String {
        let lines = model.categories.map { category in
            [category.category] + metrics.map { cell(category.metrics[$0]) }
                + ["\(category.metrics[metrics.first ?? ""]?.count ?? 0)"]
        }
        let micro =
            ["micro"] + metrics.map { cell(model.metrics[$0]) } + ["\(model.questions)"]
        let macro =
            ["macro"] + metrics.map { model.macro[$0].map { String(format: "%.3f", $0) } ?? "-" }
            + ["\(model.questions)"]
        return TextTable(
            header: [model.model] + metrics + ["questions"], lines: lines + [micro, macro]
        ).plain
    }

    private func sampling(_ model: Model) -> String {
        TextTable(
            header: [model.model, "maj@k"] + metrics.map { "pass@k \($0)" } + ["questions"],
            lines: model.sampling.map { row in
                ["k = \(row.k)", cell(row.majority)] + metrics.map { cell(row.pass[$0]) }
                    + ["\(row.questions)"]
            }
        ).plain
    }

    private func cell(_ accuracy: Accuracy?) -> String {
        accuracy.map { FinalTable.withError($0.value, $0.standardError) } ?? "-"
    }
}

extension PairedComparison {
    /// The comparison for a terminal.
    var text: String {
        let table = TextTable(
            header: [
                "metric", "first", "second", "difference", "only first", "only second", "p",
                "by McNemar's test",
            ],
            lines: rows.map { row in
                [
                    row.metric, String(format: "%.3f", row.first.value),
                    String(format: "%.3f", row.second.value),
                    FinalTable.withError(row.difference, row.standardError),
                    "\(row.test.onlyFirst)", "\(row.test.onlySecond)",
                    String(format: "%.3g", row.test.probability), row.test.method.rawValue,
                ]
            })
        return "first: \(first)\nsecond: \(second)\nquestions of both: \(questions)\n\(table.plain)"
    }
}
