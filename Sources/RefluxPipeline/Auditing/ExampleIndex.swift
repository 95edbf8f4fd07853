import Foundation
import RefluxCore
import RefluxTeachers

/// Finds the example that a recorded line belongs to.
struct ExampleIndex: Sendable {
    private let places: [String: Int]
    private let repeated: Set<String>
    private let match: RecordedSettings.Match
    private let sample: String

    /// Indexes examples by id, or by the part of it after the last slash where that is unique; or by
    /// the text of the question, of which the first one counts where it stands more than once.
    init(_ examples: [Example], match: RecordedSettings.Match) {
        self.match = match
        switch match {
        case .id:
            let whole = Dictionary(
                examples.enumerated().map { ($1.id, $0) }, uniquingKeysWith: { first, _ in first })
            let short = Dictionary(
                examples.enumerated().map { (Self.lastPart(of: $1.id), Optional($0)) },
                uniquingKeysWith: { _, _ in nil }
            ).compactMapValues(\.self)
            places = short.merging(whole) { $1 }
            repeated = []
            sample = examples.first.map { "\($0.id) or \(Self.lastPart(of: $0.id))" } ?? "none"
        case .question:
            let texts = examples.map { Self.trimmed($0.question) }
            let counts = texts.reduce(into: [String: Int]()) { $0[$1, default: 0] += 1 }
            repeated = Set(counts.filter { $0.value > 1 }.keys)
            places = Dictionary(
                zip(texts, examples.indices), uniquingKeysWith: { first, _ in first })
            sample = examples.first.map { "\"\($0.question.prefix(60))…\"" } ?? "none"
        }
    }

    /// The place of the example among those that were indexed.
    subscript(key: String) -> Int? {
        places[match == .question ? Self.trimmed(key) : key]
    }

    /// Whether several examples have the text by which this one was found.
    func isAmbiguous(_ key: String) -> Bool {
        match == .question && repeated.contains(Self.trimmed(key))
    }

    /// The error of a file of which no line belongs to an example.
    func nothingMatches(path: String, settings: RecordedSettings, lines: Int) -> RefluxError {
        let what = match == .id ? "an id" : "the text of a question"
        return RefluxError(
            .input,
            found: "none of the \(lines) responses belongs to a question of the task: the field "
                + "\"\(settings.fields.prompt)\" never holds \(what) that it knows",
            at: SourceLocation(path: path),
            wanted: match == .id ? "ids such as \(sample)" : "questions such as \(sample)",
            remedy: "Name the questions' file with --questions, and the field with "
                + "--id-field or --question-field.")
    }

    private static func lastPart(of id: String) -> String {
        id.split(separator: "/").last.map(String.init) ?? id
    }

    private static func trimmed(_ text: String) -> String {
        text.trimmingCharacters(in: .whitespacesAndNewlines)
    }
}
