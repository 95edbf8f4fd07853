package import RefluxCore
import RefluxTasks

/// How two readings of a task read the same responses.
package struct ReadingComparison: Sendable, Encodable {
    /// A response that the two read differently.
    package struct Difference: Sendable, Encodable {
        /// The example's id.
        package let prompt: String
        /// The model.
        package let model: String
        /// The line of the response in its file.
        package let line: Int
        /// The dataset's answer.
        package let gold: String?
        /// Why they differ.
        package let reason: String
        /// What each reading found, in their order.
        package let readings: [Finding]
    }

    /// What a reading found in a response.
    package struct Finding: Sendable, Encodable {
        /// The reading.
        package let reading: String
        /// The answer in normal form; `nil` where it found none, as all that follows.
        package let answer: String?
        /// Which of its patterns found it.
        package let level: String?
        /// Where the match begins, in UTF-8 bytes.
        package let start: Int?
        /// Where it ends.
        package let end: Int?
        /// The match with the text around it; `»` and `«` stand at its ends.
        package let excerpt: String?

        init(_ reading: String, _ trace: AnswerTrace?, in text: String) {
            self.reading = reading
            answer = trace?.answer
            level = trace?.level
            start = trace?.range.lowerBound
            end = trace?.range.upperBound
            excerpt = trace.map { Excerpt.of($0.range, in: text) }
        }
    }

    /// The names of the two readings.
    package let readings: [String]
    /// How file and task fit.
    package let pairing: PairingCounts
    /// The responses.
    package let responses: Int
    /// Both found the same answer.
    package let same: Int
    /// Neither found one.
    package let neither: Int
    /// They found different answers.
    package let different: Int
    /// Only the first found one.
    package let onlyFirst: Int
    /// Only the second found one.
    package let onlySecond: Int
    /// How often the first is right, where the dataset has answers.
    package let firstRight: Accuracy?
    /// How often the second is right.
    package let secondRight: Accuracy?
    /// Why they differ, with how often.
    package let reasons: [String: Int]
    /// Some of the responses that they read differently, evenly spread over the file.
    package let differences: [Difference]

    enum CodingKeys: String, CodingKey {
        case readings, pairing, responses, same, neither, different
        case onlyFirst = "only_first"
        case onlySecond = "only_second"
        case firstRight = "first_right"
        case secondRight = "second_right"
        case reasons, differences
    }
}

extension RecordedAuditor {
    /// Compares two readings of the task.
    ///
    /// - Parameters:
    ///   - names: the two names, with a comma between them.
    ///   - limit: the most differences that are kept.
    /// - Returns: the counts, and differences that are evenly spread over the file.
    /// - Throws: ``RefluxError`` of kind `usage` for unknown names, and for tasks that do not tell how
    ///   they read; `input` as for labels.
    package func comparison(of names: String, limit: Int) async throws -> ReadingComparison {
        let (first, second) = try readings(of: names)
        let read = try await responses()
        let items = read.groups.flatMap { group in group.responses.map { (group.example, $0) } }
        typealias Pair = (first: AnswerTrace?, second: AnswerTrace?)
        let pairs = try await inParallel(items) { piece in
            piece.map { _, read -> Pair in
                let text = read.response.text
                return (first.trace(of: text), second.trace(of: text))
            }
        }
        let answers = pairs.map { ($0.first?.answer, $0.second?.answer) }
        let places = items.indices.filter { answers[$0].0 != answers[$0].1 }
            .sorted { items[$0].1.line < items[$1].1.line }
        let reason = { (place: Int) in
            DisagreementReason.of(
                (first, pairs[place].first), (second, pairs[place].second),
                in: items[place].1.response.text)
        }
        let kept = spread(places, limit: limit)
        let known = items.indices.filter { items[$0].0.gold != nil }
        let right = { (answer: (Int) -> String?) in
            known.isEmpty
                ? nil
                : Accuracy(right: known.count { answer($0) == items[$0].0.gold }, of: known.count)
        }
        return ReadingComparison(
            readings: [first.name, second.name], pairing: read.counts, responses: items.count,
            same: answers.count { $0 != nil && $0 == $1 },
            neither: answers.count { $0 == nil && $1 == nil },
            different: answers.count { $0 != nil && $1 != nil && $0 != $1 },
            onlyFirst: answers.count { $0 != nil && $1 == nil },
            onlySecond: answers.count { $0 == nil && $1 != nil },
            firstRight: right { answers[$0].0 }, secondRight: right { answers[$0].1 },
            reasons: places.reduce(into: [:]) { $0[reason($1), default: 0] += 1 },
            differences: kept.map { place in
                let (example, read) = items[place]
                return ReadingComparison.Difference(
                    prompt: example.id, model: read.response.model, line: read.line,
                    gold: example.gold, reason: reason(place),
                    readings: [
                        .init(first.name, pairs[place].first, in: read.response.text),
                        .init(second.name, pairs[place].second, in: read.response.text),
                    ])
            })
    }

    private func spread(_ places: [Int], limit: Int) -> [Int] {
        guard limit < places.count else { return places }
        return (0..<limit).map { places[$0 * places.count / limit] }
    }

    private func readings(of names: String) throws -> (NamedReading, NamedReading) {
        guard let tracing = task as? any TracingTask else {
            throw RefluxError(
                .usage, found: "the task \(task.name) does not tell how it reads",
                wanted: "a built-in task with --compare-extractors")
        }
        let parts = names.split(separator: ",").map(String.init)
        guard parts.count == 2 else {
            throw RefluxError(
                .usage, found: "--compare-extractors \"\(names)\"",
                wanted: "two names with a comma between them",
                remedy: "Known: \(tracing.readings.map(\.name).joined(separator: ", ")).")
        }
        let found = try parts.map { name in
            guard let reading = tracing.readings.first(where: { $0.name == name }) else {
                throw RefluxError(
                    .usage, found: "--compare-extractors: unknown reading \"\(name)\"",
                    remedy: suggestion(for: name, known: tracing.readings.map(\.name)))
            }
            return reading
        }
        return (found[0], found[1])
    }
}

/// A piece of a text for people.
enum Excerpt {
    private static let around = 40

    /// A range of UTF-8 bytes with some text around it, marked by `»` and `«`.
    static func of(_ range: Range<Int>, in text: String) -> String {
        let bytes = Array(text.utf8)
        let range = range.clamped(to: 0..<bytes.count)
        let start = max(0, range.lowerBound - around)
        let end = min(bytes.count, range.upperBound + around)
        let piece = { (range: Range<Int>) in String(decoding: bytes[range], as: UTF8.self) }
        return (start > 0 ? "…" : "") + piece(start..<range.lowerBound) + "»" + piece(range) + "«"
            + piece(range.upperBound..<end) + (end < bytes.count ? "…" : "")
    }
}
