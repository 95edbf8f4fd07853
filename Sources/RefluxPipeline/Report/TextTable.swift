/// Lines of cells, in columns as wide as their widest cell.
struct TextTable {
    /// The names of the columns.
    let header: [String]
    /// The cells of each line.
    let lines: [[String]]

    /// The table for a terminal: columns two spaces apart.
    var plain: String {
        ([header] + lines).map { line in
            let cells = zip(line, widths).map { padded($0, to: $1) }
            return trimmed(cells.joined(separator: "  "))
        }.joined(separator: "\n")
    }

    /// The table in Markdown.
    var markdown: String {
        let widths = self.widths.map { max(3, $0) }
        let rule = widths.map { String(repeating: "-", count: $0) }
        return ([header, rule] + lines).map { line in
            "| " + zip(line, widths).map { padded($0, to: $1) }.joined(separator: " | ") + " |"
        }.joined(separator: "\n")
    }

    private var widths: [Int] {
        header.indices.map { column in
            ([header] + lines).map { $0[column].count }.max() ?? 0
        }
    }

    private func padded(_ cell: String, to width: Int) -> String {
        cell + String(repeating: " ", count: max(0, width - cell.count))
    }

    private func trimmed(_ line: String) -> String {
        var line = Substring(line)
        while line.last == " " { line.removeLast() }
        return String(line)
    }
}
