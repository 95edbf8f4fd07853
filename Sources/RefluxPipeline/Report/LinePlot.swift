import Foundation

/// A small plot of lines with points, as SVG (W3C SVG 1.1): no scripts, no fonts of its own.
struct LinePlot {
    /// A line.
    struct Series {
        /// Its name in the legend.
        let name: String
        /// Its points, from left to right.
        let points: [(x: Double, y: Double)]

        init(name: String, points: [(Double, Double)]) {
            self.name = name
            self.points = points.map { (x: $0, y: $1) }
        }
    }

    /// The headline.
    let title: String
    /// What is to the right.
    let x: String
    /// What is upward.
    let y: String
    /// From the left edge to the right one.
    let xRange: ClosedRange<Double>
    /// From the lower edge to the upper one.
    let yRange: ClosedRange<Double>
    /// Places on the lower edge with their texts.
    let xTicks: [(at: Double, text: String)]
    /// Places on the left edge with their texts.
    let yTicks: [(at: Double, text: String)]
    /// The lines.
    let series: [Series]
    /// Whether the line y = x is drawn.
    var hasDiagonal = false

    /// 0, 0.2, …, 1.
    static let tenths = stride(from: 0, through: 10, by: 2).map {
        (at: Double($0) / 10, text: String(format: "%.1f", Double($0) / 10))
    }

    /// A range with some room around values.
    static func range(around values: [Double]) -> ClosedRange<Double> {
        let (low, high) = (values.min() ?? 0, values.max() ?? 1)
        let room = max(0.05 * (high - low), 1e-3)
        return low - room...high + room
    }

    /// Five places over a range.
    static func ticks(in range: ClosedRange<Double>) -> [(at: Double, text: String)] {
        (0...4).map { step in
            let at = range.lowerBound + (range.upperBound - range.lowerBound) * Double(step) / 4
            return (at, String(format: "%.2f", at))
        }
    }

    private static let size = (width: 460.0, height: 340.0)
    private static let frame = (left: 60.0, top: 34.0, right: 446.0, bottom: 268.0)
    private static let colours = ["#1f5fa8", "#c2571a", "#3a7d44", "#7b4ba0"]

    /// The plot.
    var svg: String {
        let frame = Self.frame
        var parts = [
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 \(number(Self.size.width)) "
                + "\(number(Self.size.height))\" width=\"\(number(Self.size.width))\" role=\"img\" "
                + "font-family=\"sans-serif\" font-size=\"11\">",
            "<title>\(escapedForXML(title))</title>",
            "<rect x=\"\(number(frame.left))\" y=\"\(number(frame.top))\" "
                + "width=\"\(number(frame.right - frame.left))\" "
                + "height=\"\(number(frame.bottom - frame.top))\" fill=\"none\" stroke=\"#888\"/>",
            text(title, x: frame.left, y: 18, size: 13),
            text(x, x: (frame.left + frame.right) / 2, y: frame.bottom + 34, anchor: "middle"),
            text(
                y, x: 14, y: (frame.top + frame.bottom) / 2, anchor: "middle", turned: true),
        ]
        for tick in xTicks {
            parts.append(
                text(tick.text, x: across(tick.at), y: frame.bottom + 15, anchor: "middle"))
        }
        for tick in yTicks {
            parts.append(text(tick.text, x: frame.left - 5, y: up(tick.at) + 4, anchor: "end"))
        }
        if hasDiagonal {
            parts.append(
                line([
                    (xRange.lowerBound, yRange.lowerBound), (xRange.upperBound, yRange.upperBound),
                ])
                    + " stroke=\"#888\" stroke-dasharray=\"4 4\"/>")
        }
        for (index, series) in series.enumerated() where !series.points.isEmpty {
            parts += drawn(series, Self.colours[index % Self.colours.count], place: index)
        }
        return (parts + ["</svg>"]).joined(separator: "\n")
    }

    private func drawn(_ series: Series, _ colour: String, place: Int) -> [String] {
        let left = Self.frame.left + 190 * Double(place)
        let below = Self.size.height - 14
        return [line(series.points) + " stroke=\"\(colour)\" stroke-width=\"1.6\"/>"]
            + series.points.map { point in
                "<circle cx=\"\(number(across(point.x)))\" cy=\"\(number(up(point.y)))\" r=\"3.2\" "
                    + "fill=\"\(colour)\"/>"
            } + [
                "<rect x=\"\(number(left))\" y=\"\(number(below - 9))\" width=\"10\" "
                    + "height=\"10\" fill=\"\(colour)\"/>",
                text(series.name, x: left + 15, y: below),
            ]
    }

    /// The beginning of a line; the caller adds its stroke and closes it.
    private func line(_ points: [(x: Double, y: Double)]) -> String {
        let places = points.map { "\(number(across($0.x))),\(number(up($0.y)))" }
        return "<polyline points=\"\(places.joined(separator: " "))\" fill=\"none\""
    }

    private func text(
        _ words: String, x: Double, y: Double, anchor: String = "start", size: Int = 11,
        turned: Bool = false
    ) -> String {
        let turn = turned ? " transform=\"rotate(-90 \(number(x)) \(number(y)))\"" : ""
        return "<text x=\"\(number(x))\" y=\"\(number(y))\" text-anchor=\"\(anchor)\" "
            + "font-size=\"\(size)\"\(turn)>\(escapedForXML(words))</text>"
    }

    private func across(_ value: Double) -> Double {
        let share = (value - xRange.lowerBound) / (xRange.upperBound - xRange.lowerBound)
        return Self.frame.left + share * (Self.frame.right - Self.frame.left)
    }

    private func up(_ value: Double) -> Double {
        let share = (value - yRange.lowerBound) / (yRange.upperBound - yRange.lowerBound)
        return Self.frame.bottom - share * (Self.frame.bottom - Self.frame.top)
    }

    private func number(_ value: Double) -> String { shortNumber(value) }
}

/// A text inside XML or HTML.
func escapedForXML(_ text: String) -> String {
    text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
        .replacing("\"", with: "&quot;")
}
