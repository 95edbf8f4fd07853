import RefluxCore
import RefluxFiles

/// The responses that a run left behind.
package enum RunPool: String, Sendable, CaseIterable {
    /// The teachers' responses to the training prompts.
    case teacher
    /// The warmed-up student's.
    case student
    /// The rollouts of reinforcement that the run kept: one prompt of every step.
    case rollouts
}

/// The responses that a rule sees together, and which of them are audited.
struct RunGroup: Sendable {
    /// A response with what the run made of it.
    struct Item: Sendable {
        /// The response.
        let response: Response
        /// Its line in the file.
        let line: Int
        /// The pseudo-reward, or why there was none.
        let verdict: Verdict
    }

    /// The prompt.
    let example: Example
    /// Further responses that the rule sees; they are not audited.
    var context: [Response] = []
    /// The audited responses.
    var items: [Item] = []
    /// The pseudo-label of the run.
    var label: String?
    /// Why there was none.
    var abstention: String?
}

extension RunPool {
    /// The groups of a run, in the order of its prompts; rollouts by step.
    ///
    /// - Throws: ``RefluxError`` of kind `input` when the stage has left nothing.
    func groups(of run: RunFolder, examples: [Example]) throws -> [RunGroup] {
        switch self {
        case .teacher: try labelled(in: run.folder(of: .label), by: .teacher, of: examples)
        case .student: try labelled(in: run.folder(of: .sample), by: .student, of: examples)
        case .rollouts: try rollouts(of: run, examples: examples)
        }
    }

    /// Groups of a stage that judged responses; those of the other role are context.
    private func labelled(
        in folder: String, by role: Response.Role, of examples: [Example]
    ) throws -> [RunGroup] {
        let lines: [(LabelledResponse, Int)] = try lines(of: "\(folder)/labelled.jsonl")
        let byPrompt = Dictionary(grouping: lines, by: \.0.response.promptID)
        return examples.compactMap { example in
            guard let lines = byPrompt[example.id] else { return nil }
            var group = RunGroup(example: example)
            group.label = lines.first?.0.label
            for (line, number) in lines {
                guard line.response.role == role else {
                    group.context.append(line.response)
                    continue
                }
                let verdict =
                    line.reward.map(Verdict.reward) ?? .abstain(line.abstention ?? "no reward")
                group.items.append(
                    RunGroup.Item(response: line.response, line: number, verdict: verdict))
                if group.label == nil { group.abstention = line.abstention }
            }
            return group.items.isEmpty ? nil : group
        }
    }

    private func rollouts(of run: RunFolder, examples: [Example]) throws -> [RunGroup] {
        let path = "\(run.folder(of: .reinforce))/rollouts.jsonl"
        let lines: [(RolloutLine, Int)] = try lines(of: path)
        let known = Dictionary(examples.map { ($0.id, $0) }, uniquingKeysWith: { $1 })
        let teachers: [(LabelledResponse, Int)] = try self.lines(
            of: "\(run.folder(of: .label))/labelled.jsonl")
        let context = Dictionary(grouping: teachers, by: \.0.response.promptID)
        var groups: [RunGroup] = []
        var step = -1
        for (line, number) in lines {
            guard let example = known[line.prompt] else { continue }
            if line.step != step || groups.last?.example.id != line.prompt {
                var group = RunGroup(example: example)
                group.context = (context[line.prompt] ?? []).map(\.0.response)
                group.label = context[line.prompt]?.first?.0.label
                groups.append(group)
                step = line.step
            }
            let last = groups.count - 1
            groups[last].items.append(
                RunGroup.Item(
                    response: Response(
                        promptID: line.prompt, text: line.text, role: .student,
                        source: "reinforce", model: "policy", sample: groups[last].items.count,
                        finish: line.finish, tokenCount: line.tokens),
                    line: number,
                    verdict: line.ruleReward.map(Verdict.reward) ?? .abstain("no reward")))
        }
        return groups
    }

    private func lines<Line: Decodable>(of path: String) throws -> [(Line, Int)] {
        guard Files.exists(path) else {
            throw RefluxError(
                .input, found: "no responses of the pool \(rawValue)",
                at: SourceLocation(path: path), wanted: "the file that the stage leaves",
                remedy: "Carry out the stage first, or choose another pool.")
        }
        var lines: [(Line, Int)] = []
        try JSONLines.forEach(in: path) { data, number in
            lines.append(
                (try JSONText.decode(Line.self, from: data, path: path, line: number), number))
        }
        return lines
    }
}
