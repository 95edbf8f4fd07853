import Foundation
import RefluxPluginKit

/// Questions with one right answer each, from files in the form of JSON lines. The answer of a response
/// is what stands behind the last `Answer:`, or its last line.
struct {{Module}}: TaskEvaluator {
    static let about = About(
        id: "{{id}}", title: "{{title}}",
        description:
            "Questions from a folder with train.jsonl and test.jsonl; the answer has to match exactly.",
        settings: [
            .path("questions", "the folder; a line is {\"id\": …, \"question\": …, \"answer\": …}")
        ])

    let metrics = ["exact"]
    private let folder: String

    init(_ settings: Settings, host: HostInfo) throws {
        folder = try settings.path("questions")
    }

    func examples(in split: Split, call: Call) throws -> [Example] {
        let path = "\(folder)/\(split.rawValue).jsonl"
        if split == .validation, !FileManager.default.fileExists(atPath: path) { return [] }
        let text: String
        do {
            text = try String(contentsOfFile: path, encoding: .utf8)
        } catch {
            throw PluginError(
                "\(path) cannot be read as UTF-8 text; point `questions` to its folder.")
        }
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        return try lines.enumerated().compactMap { index, line in
            try call.checkCancellation()
            return try example(line, "\(path):\(index + 1)", "\(split.rawValue)/\(index + 1)")
        }
    }

    private func example(_ line: Substring, _ place: String, _ id: String) throws -> Example? {
        guard !line.allSatisfy(\.isWhitespace) else { return nil }
        let json: JSONValue
        do {
            json = try JSONValue(parsing: line)
        } catch {
            throw PluginError("\(place): \(error)")
        }
        guard let question = json["question"]?.text, let answer = json["answer"]?.text else {
            throw PluginError(
                "\(place): wanted an object with the texts \"question\" and \"answer\".")
        }
        return Example(
            id: json["id"]?.text ?? id, question: question, gold: normalised(answer))
    }

    func prompt(for example: Example, call: Call) -> PromptDraft {
        .chat([
            Message(.user, "\(example.question)\n\nEnd with a line of the form \"Answer: …\".")
        ])
    }

    func answer(in response: String, call: Call) -> String? {
        if let mark = response.range(of: "Answer:", options: .backwards) {
            return normalised(response[mark.upperBound...].prefix { !$0.isNewline })
        }
        return response.split(whereSeparator: \.isNewline).last.flatMap(normalised)
    }

    func grade(_ response: String, for example: Example, call: Call) -> Grade {
        let found = answer(in: response, call: call)
        return Grade(
            parsed: found != nil, correct: ["exact": found != nil && found == example.gold])
    }

    /// Lower case, one space between words, no full stop at the end; `nil` when nothing is left.
    private func normalised(_ text: some StringProtocol) -> String? {
        let words = text.lowercased().split(whereSeparator: \.isWhitespace).joined(separator: " ")
        let answer = words.hasSuffix(".") ? String(words.dropLast()) : words
        return answer.isEmpty ? nil : answer
    }
}
