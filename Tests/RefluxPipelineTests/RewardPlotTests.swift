import Foundation
import RefluxCore
import RefluxRewards
import Testing

@testable import RefluxPipeline

#if canImport(FoundationXML)
    import FoundationXML
#endif

/// Reads a plot as XML and notes what stands where.
private final class PlotReader: NSObject, XMLParserDelegate {
    var circles: [(x: Double, y: Double)] = []
    var names: [String] = []

    func parser(
        _ parser: XMLParser, didStartElement name: String, namespaceURI: String?,
        qualifiedName: String?, attributes: [String: String]
    ) {
        names.append(name)
        guard name == "circle", let x = attributes["cx"].flatMap(Double.init),
            let y = attributes["cy"].flatMap(Double.init)
        else { return }
        circles.append((x, y))
    }
}

@Suite struct RewardPlotTests {
    private func read(_ svg: String) throws -> PlotReader {
        let reader = PlotReader()
        let parser = XMLParser(data: Data(svg.utf8))
        parser.delegate = reader
        try #require(parser.parse(), "\(String(describing: parser.parserError))")
        return reader
    }

    private func section() throws -> RewardEvaluation.Section {
        let responses = (0..<8).map { index in
            LabelledResponse(
                response: Response(
                    promptID: "p\(index / 4)", text: String(repeating: "x", count: index + 1),
                    role: .teacher, source: "s", model: "m", sample: index),
                promptIndex: index / 4, answer: nil, label: nil, reward: index % 2 == 0 ? 1 : 0)
        }
        return try RewardEvaluation.Section(responses, scores: [3, 3, 3, 3, -3, -3, -3, -3])
    }

    @Test func aPointStandsWhereItsNumbersSay() throws {
        let plot = LinePlot(
            title: "a < b & c", x: "x", y: "y", xRange: 0...1, yRange: 0...2, xTicks: [],
            yTicks: [], series: [LinePlot.Series(name: "s", points: [(0, 0), (1, 2), (0.5, 1)])])
        let circles = try read(plot.svg).circles
        #expect(circles.count == 3)
        // The y axis of SVG goes down.
        #expect(circles[0].x < circles[2].x && circles[2].x < circles[1].x)
        #expect(circles[0].y > circles[2].y && circles[2].y > circles[1].y)
        #expect(abs(circles[2].x - (circles[0].x + circles[1].x) / 2) < 0.01)
        #expect(abs(circles[2].y - (circles[0].y + circles[1].y) / 2) < 0.01)
    }

    @Test func bothPlotsShowTheirPoints() throws {
        let section = try section()
        // Two tenths hold responses: sigmoid(3) and sigmoid(-3).
        #expect(try read(RewardPlots.calibration(section).svg).circles.count == 2)
        // Four quarters with a mean score, and a gap in each.
        #expect(try read(RewardPlots.byLength(section).svg).circles.count == 8)
    }

    @Test func thePageHoldsPlotsAndTablesAndNoScript() throws {
        let evaluation = RewardEvaluation(heldOut: try section())
        let page = RewardPage(
            title: "<b>", blocks: RewardSummary(evaluation).blocks, evaluation: evaluation
        ).html
        #expect(page.count { $0 == "<" } > 100)
        #expect(page.contains("&lt;b&gt;") && !page.contains("<b>"))
        #expect(!page.contains("<script"))
        #expect(page.components(separatedBy: "<svg").count == 3)
        #expect(page.contains("<th>calibration error</th>"))
    }
}
