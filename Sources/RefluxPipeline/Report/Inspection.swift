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

    /// Some lines, and how many there are.
    package struct Listing: Sendable, Equatable {
        /// What is shown; a line for people may be several lines of text.
        package let lines: [String]
        /// How many there are without the limit.
        package let total: Int
    }

    /// The lines, as JSON or for people.
    ///
    /// - Throws: ``RefluxError`` of kind `input` when the stage has left nothing yet, or no line
    ///   belongs to the prompt.
    package func listing(asJSON: Bool) throws -> Listing {
        let paths = files.map { "\(runFolder)/\($0)" }.filter(Files.exists)
        guard !paths.isEmpty else {
            throw RefluxError(
                .input, found: "no \(subject.rawValue)", at: SourceLocation(path: runFolder),
                wanted: "one of \(files.joined(separator: ", "))",
                remedy: "Name a run folder, such as runs/NAME, whose stage was carried out.")
        }
        if subject == .reward {
            return Listing(lines: [try report(at: paths[0], asJSON: asJSON)], total: 1)
        }
        let all = try paths.flatMap { path in
            try JSONLines.readWhole(JSONValue.self, from: path, repair: false)
        }
        let found = all.filter { prompt == nil || Self.promptID(of: $0) == prompt }
        guard prompt == nil || !found.isEmpty else {
            let known = all.first.flatMap(Self.promptID).map { ", such as \($0)" } ?? ""
            throw RefluxError(
                .input, found: "no line of the prompt \"\(prompt ?? "")\"",
                at: SourceLocation(path: paths[0]),
                wanted: "the id of a prompt of this run\(known)",
                remedy: "reflux inspect without --prompt shows the ids.")
        }
        return Listing(
            lines: try found.prefix(limit).map { value in
                asJSON ? try JSONText.encode(value, pretty: false) : Self.people(value)
            }, total: found.count)
    }

    private var files: [String] {
        switch subject {
        case .responses: ["teach/responses.jsonl", "sample/responses.jsonl"]
        case .labels: ["label/labels.jsonl"]
        case .rollouts: ["reinforce/rollouts.jsonl"]
        case .reward: ["reward/report.json"]
        }
    }

    private func report(at path: String, asJSON: Bool) throws -> String {
        guard asJSON else { return try RewardSummary(path: path).plain }
        let report = try JSONText.decode(JSONValue.self, from: Files.read(path), path: path)
        return try JSONText.encode(report, pretty: true)
    }

    private static func promptID(of line: JSONValue) -> String? {
        line["prompt"]?.text ?? line["response"]?["prompt"]?.text
    }

    /// What a reader looks for first, in this order; other values follow by name.
    private static let first = [
        "prompt", "step", "role", "source", "sample", "answer", "label", "abstention", "share",
        "margin", "reward", "score", "correct", "finish", "tokens",
    ]

    /// Values that say nothing to a person who has read the others.
    private static let leftOut: Set = ["prompt_index", "model", "seed"]

    /// A headline of the short values, then the text, indented.
    private static func people(_ line: JSONValue) -> String {
        let place = { (key: String) in first.firstIndex(of: key) ?? first.count }
        let leaves = line.leaves.filter { !leftOut.contains($0.key) }
            .sorted { (place($0.key), $0.key) < (place($1.key), $1.key) }
        let isText = { (key: String) in key == "text" || key.hasSuffix(".text") }
        let head = leaves.filter { !isText($0.key) }.map { "\($0.key)=\($0.value)" }
        let texts = leaves.filter { isText($0.key) }.map { leaf in
            leaf.value.split(separator: "\n", omittingEmptySubsequences: false)
                .map { "    \($0)" }.joined(separator: "\n")
        }
        return ([head.joined(separator: "  ")] + texts).joined(separator: "\n")
    }
}
