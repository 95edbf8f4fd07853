import RefluxCore

/// Text with placeholders `{{name}}`.
struct TemplateText {
    /// What stands for each name.
    let values: [String: String]

    /// Puts the values into a text.
    ///
    /// - Parameters:
    ///   - text: the text of a template's file, or its name.
    ///   - path: the template's file, for the error.
    /// - Returns: the text with every placeholder replaced.
    /// - Throws: `RefluxError` of kind `internalFault` for a placeholder without a value: a fault of
    ///   the template.
    func fill(_ text: String, path: String) throws -> String {
        var result = ""
        var rest = Substring(text)
        while let match = rest.firstMatch(of: /\{\{([A-Za-z_]+)\}\}/) {
            let name = String(match.output.1)
            guard let value = values[name] else {
                let line = text[..<match.range.lowerBound].count { $0 == "\n" } + 1
                throw RefluxError(
                    .internalFault, found: "the placeholder {{\(name)}}",
                    at: SourceLocation(path: path, line: line),
                    wanted: "one of \(values.keys.sorted().joined(separator: ", "))",
                    remedy: "Please report this fault of the template.")
            }
            result += rest[..<match.range.lowerBound] + value
            rest = rest[match.range.upperBound...]
        }
        return result + rest
    }
}
