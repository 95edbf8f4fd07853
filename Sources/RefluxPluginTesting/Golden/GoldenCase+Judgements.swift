import RefluxPluginKit

// Golden cases of rules, teachers and reward models.

extension GoldenCase {
    func differences(of rule: MockRule) throws -> [String] {
        let judgement = try rule.judge(
            ResponseGroup(
                prompt: Prompt(text: json["prompt"]?.text ?? "Q"),
                responses: (json["responses"]?.list ?? []).map(Response.init(golden:)),
                gold: json["gold"]?.text))
        let verdicts = judgement.verdicts.map { verdict -> JSONValue in
            switch verdict {
            case .reward(let value): .number(value)
            case .abstain(let reason): ["abstain": .text(reason)]
            }
        }
        let metrics = judgement.metrics.map { JSONValue.Member($0, .number($1)) }
        return difference("label", JSONValue(judgement.label))
            + difference("abstention", JSONValue(judgement.abstention))
            + difference("verdicts", .list(verdicts)) + difference("metrics", .object(metrics))
    }

    func differences(of teacher: MockTeacher) throws -> [String] {
        let plan = json["plan"] ?? [:]
        let prompts = (json["prompts"]?.list ?? []).compactMap(\.text)
        let responses = try teacher.respond(
            to: prompts.enumerated().map { Prompt(id: "prompt/\($0)", index: $0, text: $1) },
            plan: SamplingPlan(
                samplesPerTemperature: plan["samples"]?.integer ?? 1,
                temperatures: plan["temperatures"]?.list?.compactMap(\.number) ?? [0],
                maxTokens: plan["max_tokens"]?.integer ?? 256,
                seed: UInt64(plan["seed"]?.integer ?? 1)))
        let texts = responses.map { JSONValue.list($0.map { .text($0.text) }) }
        return difference("counts", .list(responses.map { .integer($0.count) }))
            + difference("texts", .list(texts))
    }

    func differences(of model: MockRewardModel) throws -> [String] {
        let items = (json["items"]?.list ?? []).map { item in
            ScoringItem(
                prompt: Prompt(text: item["prompt"]?.text ?? "Q"), text: item["text"]?.text ?? "",
                finished: item["finished"]?.boolean ?? true)
        }
        return difference("scores", .list(try model.score(items).map { .number($0) }))
    }
}

extension Response {
    fileprivate init(golden json: JSONValue) {
        let finishes: [String: Finish] = ["stop": .stop, "length": .length]
        self.init(
            json["text"]?.text ?? "", role: json["role"]?.text == "student" ? .student : .teacher,
            answer: json["answer"]?.text, sample: json["sample"]?.integer ?? 0,
            finish: finishes[json["finish"]?.text ?? "unknown"] ?? .unknown,
            tokenCount: json["tokens"]?.integer,
            meanLogProbability: json["mean_logprob"]?.number,
            weight: json["weight"]?.number ?? 1)
    }
}
