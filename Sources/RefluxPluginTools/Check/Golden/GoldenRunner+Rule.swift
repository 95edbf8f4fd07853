import RefluxCore
import RefluxPluginHost

extension GoldenRunner {
    /// A case of a rule.
    func runRule(_ reader: GoldenReader, _ compare: GoldenComparison, _ bench: Bench) async throws {
        let prompt = Prompt(
            id: "case/\(compare.number)", index: compare.number - 1,
            content: .text(try reader.text("prompt") ?? "Q"))
        var group = ResponseGroup(prompt: prompt, responses: [], answers: [])
        let gold = try reader.text("gold")
        for (index, response) in (try reader.tables("responses") ?? []).enumerated() {
            group.responses.append(try self.response(response, index, promptID: prompt.id))
            group.answers.append(try response.text("answer"))
            try response.finish()
        }
        let rule = try bench.runtime.makeRule(bench.request)
        group.gold = rule.needsGold ? gold : nil
        let expect = try reader.requiredTable("expect")
        let judgement = try await rule.judge(group)
        if expect.contains("label") {
            let label = try expect.text("label")
            try compare.text(judgement.label, label, at: expect.place(of: "label"))
        }
        if expect.contains("abstention") {
            let reason = try expect.text("abstention")
            try compare.text(judgement.abstention, reason, at: expect.place(of: "abstention"))
        }
        if let verdicts = try expect.nodes("verdicts") {
            try compare.value(
                judgement.verdicts.count, verdicts.count, at: expect.place(of: "verdicts"))
            for (found, node) in zip(judgement.verdicts, verdicts) {
                try compareVerdict(found, node, compare)
            }
        }
        for (name, value) in try expect.namedNumbers("metrics") ?? [] {
            var place = expect.place(of: "metrics")
            place.key = "expect.metrics.\(name)"
            guard let found = judgement.metrics[name] else {
                throw GoldenFile.error(
                    "case \(compare.number): no metric \(name)", at: place, wanted: "\(value)")
            }
            try compare.scalar(found, value, at: place)
        }
        try expect.finish()
    }

    /// A response of a case; what is left out is ordinary.
    private func response(_ reader: GoldenReader, _ index: Int, promptID: String) throws -> Response
    {
        let role = try reader.text("role") ?? "teacher"
        let finish = try reader.text("finish") ?? "stop"
        guard let role = Response.Role(rawValue: role),
            let finish = Response.FinishReason(rawValue: finish)
        else {
            throw GoldenFile.error(
                "role \(role) and finish \(finish)", at: reader.place(of: "role"),
                wanted: "the roles teacher and student; finish stop, length or unknown")
        }
        return Response(
            promptID: promptID, text: try reader.text("text") ?? "", role: role,
            source: role == .teacher ? "teacher" : "student",
            model: "golden", sample: try reader.integer("sample") ?? index,
            finish: finish, tokenCount: try reader.integer("tokens"),
            meanLogProbability: try reader.number("mean_logprob"),
            weight: try reader.number("weight") ?? 1)
    }

    private func compareVerdict(
        _ found: Verdict, _ node: ConfigurationNode, _ compare: GoldenComparison
    ) throws {
        switch (found, node.value) {
        case (.reward(let reward), .integer(let wanted)):
            try compare.scalar(reward, Double(wanted), at: node.location)
        case (.reward(let reward), .number(let wanted)):
            try compare.scalar(reward, wanted, at: node.location)
        case (_, .table):
            let table = try GoldenReader(node)
            let reason = try table.requiredText("abstain")
            try table.finish()
            try compare.value(found, .abstain(reason), at: node.location)
        case (.abstain(let reason), _):
            try compare.text(
                "an abstention: \(reason)", node.value.kindName, at: node.location)
        default:
            throw GoldenFile.error(
                node.value.kindName, at: node.location, wanted: "a number or {\"abstain\": …}")
        }
    }
}
