import Foundation
import RefluxRewards

/// A reward model's report for a browser: one file, with its plots and without scripts.
struct RewardPage {
    /// The headline.
    let title: String
    /// The tables with the words before each.
    let blocks: [(words: String, table: TextTable)]
    /// What is plotted.
    let evaluation: RewardEvaluation

    /// The page.
    var html: String {
        let tables = blocks.map { block in
            (block.words.isEmpty ? "" : "<p>\(escapedForXML(block.words))</p>\n") + block.table.html
        }
        return """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <title>\(escapedForXML(title))</title>
            <style>
            body { font: 15px/1.5 sans-serif; max-width: 62em; margin: 2em auto; padding: 0 1em; }
            table { border-collapse: collapse; margin: 0 0 1.5em; }
            th, td { text-align: left; padding: .15em .9em .15em 0; border-bottom: 1px solid #ddd; }
            figure { display: inline-block; margin: 0 1em 1em 0; }
            </style>
            </head>
            <body>
            <h1>\(escapedForXML(title))</h1>
            \(plots.map { "<figure>\n\($0.svg)\n</figure>" }.joined(separator: "\n"))
            \(tables.joined(separator: "\n"))
            </body>
            </html>

            """
    }

    private var plots: [LinePlot] {
        [RewardPlots.calibration(evaluation.heldOut), RewardPlots.byLength(evaluation.heldOut)]
    }
}

/// The plots of a reward model.
enum RewardPlots {
    /// The mean reward by the mean probability, a point for each tenth.
    static func calibration(_ section: RewardEvaluation.Section) -> LinePlot {
        let series = { (name: String, report: RewardReport?) in
            report.flatMap(\.reliability).map { bins in
                LinePlot.Series(
                    name: name, points: bins.map { ($0.meanProbability, $0.meanReward) })
            }
        }
        return LinePlot(
            title: "Calibration on held-out prompts", x: "probability, sigmoid(score)",
            y: "mean reward", xRange: 0...1, yRange: 0...1,
            xTicks: LinePlot.tenths, yTicks: LinePlot.tenths,
            series: [series("pseudo-rewards", section.pseudo), series("gold", section.gold)]
                .compactMap(\.self), hasDiagonal: true)
    }

    /// The mean score of each quarter by length, and its gap between accepted and rejected responses.
    static func byLength(_ section: RewardEvaluation.Section) -> LinePlot {
        let quarters = section.pseudo.all.byLength
        let scores = quarters.enumerated().map { (Double($0) + 0.5, $1.meanScore) }
        let gaps = quarters.enumerated().compactMap { index, quarter in
            quarter.gap.map { (Double(index) + 0.5, $0) }
        }
        let values = (scores + gaps).map(\.1) + [0]
        let range = LinePlot.range(around: values)
        return LinePlot(
            title: "Score by length on held-out prompts", x: "length of the response",
            y: "score", xRange: 0...Double(max(1, quarters.count)), yRange: range,
            xTicks: quarters.enumerated().map {
                (Double($0) + 0.5, "\($1.shortest) to \($1.longest)")
            },
            yTicks: LinePlot.ticks(in: range),
            series: [
                LinePlot.Series(name: "mean score", points: scores),
                LinePlot.Series(name: "gap, accepted less rejected", points: gaps),
            ])
    }
}

extension TextTable {
    /// The table in HTML.
    var html: String {
        let row = { (cells: [String], tag: String) in
            "<tr>" + cells.map { "<\(tag)>\(escapedForXML($0))</\(tag)>" }.joined() + "</tr>"
        }
        return (["<table>", row(header, "th")] + lines.map { row($0, "td") } + ["</table>"])
            .joined(separator: "\n")
    }
}
