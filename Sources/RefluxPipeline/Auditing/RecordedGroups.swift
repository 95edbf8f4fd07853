import Foundation
import RefluxCore
import RefluxFiles
import RefluxTeachers

/// One recorded response as the task reads it.
struct ReadResponse: Sendable {
    /// The response; each model is one teacher.
    var response: Response
    /// Its line in the file.
    let line: Int
    /// The answer that votes.
    let answer: String?
    /// Which pattern found it, where the task can say so.
    let level: String?
    /// The marks by the task's metrics; empty where they are not asked for.
    var grade: Grade?
}

/// A question with the responses that were recorded for it, in the order of the file.
struct RecordedGroup: Sendable {
    /// The question.
    let example: Example
    /// The responses.
    var responses: [ReadResponse]
}

/// How the lines of a file fit the questions of a task.
package struct PairingCounts: Sendable, Equatable, Encodable {
    /// The lines of the file.
    package var lines = 0
    /// The lines whose question the task does not have; they are left out.
    package var unknown = 0
    /// The lines of a model that has answered the question before: they count as further samples.
    package var repeated = 0
    /// Those of them whose text is the same as well.
    package var identical = 0
    /// The lines whose question's text stands in the task more than once: the first one counts.
    package var ambiguous = 0
    /// The questions of the task.
    package var questions = 0
    /// The questions without a response; they are left out.
    package var unanswered = 0
    /// The models.
    package var models: [String] = []

    /// What a person should know, a line each; empty where everything fits.
    package var notes: [String] {
        var notes: [String] = []
        if unknown > 0 {
            notes.append("\(unknown) of \(lines) responses belong to no question of the task")
        }
        if repeated > 0 {
            notes.append(
                "\(repeated) responses repeat a question and a model, \(identical) of them with "
                    + "the same text: they count as further samples")
        }
        if ambiguous > 0 {
            notes.append(
                "\(ambiguous) responses answer a text that several questions have: the first one "
                    + "counts; give ids to tell them apart")
        }
        if unanswered > 0 {
            notes.append("\(unanswered) of \(questions) questions have no response")
        }
        return notes
    }
}

/// The recorded responses of a file, paired with the questions of a task.
struct RecordedResponses: Sendable {
    /// The questions that have responses, in the order of the task.
    let groups: [RecordedGroup]
    /// How file and task fit.
    let counts: PairingCounts

    /// Groups that were paired elsewhere.
    init(groups: [RecordedGroup], counts: PairingCounts) {
        self.groups = groups
        self.counts = counts
    }

    /// Reads a file.
    ///
    /// - Parameters:
    ///   - path: one response a line of JSON, possibly with gzip.
    ///   - fields: the names of the fields.
    ///   - examples: the questions.
    ///   - read: reads a response of a question.
    /// - Throws: ``RefluxError`` of kind `input`: a line is wrong, or none belongs to a question.
    init(
        path: String, fields: ResponseFields, examples: [Example],
        read: @escaping @Sendable (Response, Int, Example) throws -> ReadResponse
    ) async throws {
        let settings = try fields.settings(for: path)
        var lines: [(data: Data, number: Int)] = []
        try JSONLines.forEach(in: path) { lines.append((Data($0), $1)) }
        let index = ExampleIndex(examples, match: settings.match)
        typealias Found = (place: Int?, item: ReadResponse?, isAmbiguous: Bool)
        let found = try await inParallel(lines) { piece -> [Found] in
            let decoder = JSONDecoder()
            return try piece.map { data, number in
                let line = try RecordedLine(
                    data, at: SourceLocation(path: path, line: number), settings: settings,
                    decoder: decoder)
                guard let place = index[line.prompt] else { return (nil, nil, false) }
                return (
                    place, try read(line.response, number, examples[place]),
                    index.isAmbiguous(line.prompt)
                )
            }
        }
        var counts = PairingCounts()
        counts.lines = lines.count
        counts.questions = examples.count
        var byExample = [[ReadResponse]](repeating: [], count: examples.count)
        var models: Set<String> = []
        for (place, item, isAmbiguous) in found {
            guard let place, var item else {
                counts.unknown += 1
                continue
            }
            counts.ambiguous += isAmbiguous ? 1 : 0
            item.response.promptID = examples[place].id
            let earlier = byExample[place].filter { $0.response.model == item.response.model }
            if !earlier.isEmpty {
                counts.repeated += 1
                counts.identical +=
                    earlier.contains { $0.response.text == item.response.text } ? 1 : 0
            }
            if item.response.sample < 0 { item.response.sample = earlier.count }
            if models.insert(item.response.model).inserted {
                counts.models.append(item.response.model)
            }
            byExample[place].append(item)
        }
        guard counts.unknown < counts.lines else {
            throw index.nothingMatches(path: path, settings: settings, lines: counts.lines)
        }
        groups = zip(examples, byExample).filter { !$1.isEmpty }.map(RecordedGroup.init)
        counts.unanswered = examples.count - groups.count
        self.counts = counts
    }
}
