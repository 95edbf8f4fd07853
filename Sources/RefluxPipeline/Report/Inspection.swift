import Foundation
import RefluxCore
import RefluxFiles

/// Shows what a run left behind, line by line. It reads only, and needs no lock.
package struct Inspection: Sendable {
    /// What can be shown.
    package enum Subject: String, CaseIterable, Sendable {
        /// The teachers' and the student's responses.
        case responses
        /// The prompts' pseudo-labels.
        case labels
        /// A sample of the rollouts of reinforcement.
        case rollouts
        /// The reward model's report.
        case reward
    }

    /// The run folder.
    package let runFolder: String
    /// What is shown.
    package let subject: Subject
    /// The prompt whose lines are shown; `nil` shows all.
    package let prompt: String?
    /// The most lines.
    package let limit: Int

    /// Makes an inspection.
    package init(runFolder: String, subject: Subject, prompt: String?, limit: Int) {
        self.runFolder = runFolder
        self.subject = subject
        self.prompt = prompt
        self.limit = limit
    }

    /// The lines, as JSON or for people.
    ///
    /// - Throws: ``RefluxError`` of kind `input` when the stage has left nothing yet, or no line
    ///   belongs to the prompt.
    package func lines(asJSON: Bool) throws -> [String] {
        let paths = files.map { "\(runFolder)/\($0)" }.filter(Files.exists)
        guard !paths.isEmpty else {
            throw RefluxError(
                .input, found: "no \(subject.rawValue)", at: SourceLocation(path: runFolder),
                wanted: "one of \(files.joined(separator: ", "))",
                remedy: "Run the stage first, or name a run folder.")
        }
        if subject == .reward { return try report(at: paths[0], asJSON: asJSON) }
        var found: [JSONValue] = []
        for path in paths {
            let lines = try JSONLines.readWhole(JSONValue.self, from: path, repair: false)
            found += lines.filter { prompt == nil || Self.promptID(of: $0) == prompt }
                .prefix(limit - found.count)
        }
        guard prompt == nil || !found.isEmpty else {
            throw RefluxError(
                .input, found: "no line of the prompt \"\(prompt ?? "")\"",
                at: SourceLocation(path: paths[0]), wanted: "the id of a prompt of this run")
        }
        return try found.map { value in
            asJSON ? try JSONText.encode(value, pretty: false) : Self.people(value)
        }
    }

    private var files: [String] {
        switch subject {
        case .responses: ["teach/responses.jsonl", "sample/responses.jsonl"]
        case .labels: ["label/labels.jsonl"]
        case .rollouts: ["reinforce/rollouts.jsonl"]
        case .reward: ["reward/report.json"]
        }
    }

    private func report(at path: String, asJSON: Bool) throws -> [String] {
        let report = try JSONText.decode(JSONValue.self, from: Files.read(path), path: path)
        if asJSON { return [try JSONText.encode(report, pretty: true)] }
        return report.leaves.map { "\($0.key): \($0.value)" }
    }

    private static func promptID(of line: JSONValue) -> String? {
        line["prompt"]?.text ?? line["response"]?["prompt"]?.text
    }

    /// A headline of the short values, then the text, indented.
    private static func people(_ line: JSONValue) -> String {
        let leaves = line.leaves
        let isText = { (key: String) in key == "text" || key.hasSuffix(".text") }
        let head = leaves.filter { !isText($0.key) }.map { "\($0.key)=\($0.value)" }
        let texts = leaves.filter { isText($0.key) }.map { leaf in
            leaf.value.split(separator: "\n", omittingEmptySubsequences: false)
                .map { "    \($0)" }.joined(separator: "\n")
        }
        return ([head.joined(separator: "  ")] + texts).joined(separator: "\n")
    }
}
