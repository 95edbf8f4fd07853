import RefluxPluginKit

// Golden cases of optimizers and tasks.

extension GoldenCase {
    func differences(of optimizer: MockOptimizer) throws -> [String] {
        var found: [String] = []
        if let rollouts = json["rollouts"] {
            let result = try optimizer.advantages(for: batch(rollouts))
            found += difference("advantages", JSONValue(result.advantages))
            found += difference("returns", JSONValue(result.returns))
        }
        if let loss = json["loss"] {
            let result = try optimizer.loss(for: lossBatch(loss))
            found += difference("value", .number(result.value))
            found += difference("by_logprob", JSONValue(result.byLogProbability))
            found += difference("by_value", JSONValue(result.byValue))
            found += difference("by_entropy", JSONValue(result.byEntropy))
        }
        return found
    }

    private func batch(_ json: JSONValue) -> RolloutBatch {
        RolloutBatch(
            offsets: integers(json, "offsets"), groups: integers(json, "groups"),
            rewards: numbers(json, "rewards"), oldLogProbabilities: floats(json, "old_logprobs"),
            referenceLogProbabilities: floats(json, "reference_logprobs"),
            values: floats(json, "values"))
    }

    private func lossBatch(_ json: JSONValue) -> LossBatch {
        let offsets = integers(json, "offsets")
        return LossBatch(
            offsets: offsets, logProbabilities: floats(json, "logprobs"),
            oldLogProbabilities: floats(json, "old_logprobs"),
            referenceLogProbabilities: floats(json, "reference_logprobs"),
            values: floats(json, "values"), oldValues: floats(json, "old_values"),
            entropies: floats(json, "entropies"), advantages: floats(json, "advantages"),
            returns: floats(json, "returns"),
            totalTokens: json["total_tokens"]?.integer ?? offsets.last ?? 0,
            totalSequences: json["total_sequences"]?.integer ?? offsets.count - 1)
    }

    func differences(of task: MockTask) throws -> [String] {
        var found: [String] = []
        if let name = json["split"]?.text {
            guard let split = Split(rawValue: name) else {
                throw MockHostError(kind: .usage, text: "The split \"\(name)\" is unknown.")
            }
            let examples = try task.examples(in: split)
            found += difference("count", .integer(examples.count))
            if let first = examples.first {
                found += difference("first", first.golden)
                let prompt = try task.prompt(for: first)
                let display =
                    prompt.text ?? prompt.messages.map(\.content).joined(separator: "\n\n")
                found += difference("prompt", .text(display))
            }
        }
        guard let response = json["response"]?.text else { return found }
        if expected("answer") != nil {
            found += difference("answer", JSONValue(try task.answer(in: response)))
        }
        guard let example = json["example"] else { return found }
        let grade = try task.grade(response, for: Example(golden: example))
        let marks = grade.correct.map { JSONValue.Member($0, .boolean($1)) }
        return found + difference("parsed", .boolean(grade.parsed))
            + difference("correct", .object(marks))
    }
}

extension Example {
    fileprivate init(golden json: JSONValue) {
        self.init(
            id: json["id"]?.text ?? "example", index: json["index"]?.integer ?? 0,
            question: json["question"]?.text ?? "", gold: json["gold"]?.text,
            solution: json["solution"]?.text, category: json["category"]?.text,
            options: json["options"]?.list?.compactMap(\.text) ?? [])
    }

    fileprivate var golden: JSONValue {
        [
            "id": .text(id), "index": .integer(index), "question": .text(question),
            "gold": JSONValue(gold), "solution": JSONValue(solution),
            "category": JSONValue(category), "options": .list(options.map { .text($0) }),
        ]
    }
}
