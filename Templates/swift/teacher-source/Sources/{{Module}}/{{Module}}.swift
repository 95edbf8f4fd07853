import Foundation
import RefluxPluginKit

/// Answers from a table: a file of JSON lines, each with a prompt's text and its recorded answers.
struct {{Module}}: TeacherSource {
    static let about = About(
        id: "{{id}}", title: "{{title}}",
        description: "Recorded answers, found by the text of the prompt.",
        settings: [
            .path("answers", "the file; a line is {\"prompt\": …, \"answers\": […]}"),
            .boolean("complete", default: false, "whether a prompt without an answer is an error"),
        ])

    private let path: String
    private let isComplete: Bool

    init(_ settings: Settings, host: HostInfo) throws {
        path = try settings.path("answers")
        isComplete = try settings.boolean("complete")
    }

    func respond(to prompts: [Prompt], plan: SamplingPlan, call: Call) throws -> [[Response]] {
        let table = try readTable()
        return try prompts.enumerated().map { index, prompt in
            try call.checkCancellation()
            call.progress(index, of: prompts.count, unit: "prompts")
            guard let answers = table[prompt.text] else {
                if isComplete { throw PluginError("\(path) has no answer to \(prompt.id).") }
                return []
            }
            return answers.prefix(plan.samplesPerPrompt).enumerated().map { sample, text in
                Response(text, model: "{{id}}", sample: sample, finish: .stop)
            }
        }
    }

    private func readTable() throws -> [String: [String]] {
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
            throw PluginError("\(path) cannot be read as UTF-8 text; correct `answers`.")
        }
        var table: [String: [String]] = [:]
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        for (index, line) in lines.enumerated() where !line.allSatisfy(\.isWhitespace) {
            let place = "\(path):\(index + 1)"
            let json: JSONValue
            do {
                json = try JSONValue(parsing: line)
            } catch {
                throw PluginError("\(place): \(error)")
            }
            guard let prompt = json["prompt"]?.text, let answers = json["answers"]?.list else {
                throw PluginError(
                    "\(place): wanted an object with the text \"prompt\" and the list \"answers\".")
            }
            table[prompt, default: []] += answers.compactMap(\.text)
        }
        return table
    }
}
