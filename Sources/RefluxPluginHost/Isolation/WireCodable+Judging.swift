import RefluxCore

// What rules, tasks, teachers and reward models are given and give back.

extension ResponseGroup: WireCodable {
    func encode(to writer: inout WireWriter) {
        writer.write(prompt)
        writer.write(responses)
        writer.write(answers) { writer, answer in writer.write(answer) { $0.write($1) } }
        writer.write(gold) { $0.write($1) }
    }

    init(from reader: inout WireReader) throws(WireError) {
        self.init(
            prompt: try reader.read(), responses: try reader.array(of: Response.self),
            answers: try reader.array { reader throws(WireError) in try reader.optionalText() },
            gold: try reader.optionalText())
    }
}

extension Verdict: WireCodable {
    func encode(to writer: inout WireWriter) {
        switch self {
        case .reward(let value):
            writer.write(UInt8(0))
            writer.write(value)
        case .abstain(let reason):
            writer.write(UInt8(1))
            writer.write(reason)
        }
    }

    init(from reader: inout WireReader) throws(WireError) {
        switch try reader.read(UInt8.self) {
        case 0: self = .reward(try reader.read())
        case 1: self = .abstain(try reader.read())
        case let other: throw WireError("a verdict of the sort \(other)")
        }
    }
}

extension GroupJudgement: WireCodable {
    func encode(to writer: inout WireWriter) {
        writer.write(label) { $0.write($1) }
        writer.write(abstention) { $0.write($1) }
        writer.write(verdicts)
        writer.write(metrics)
    }

    init(from reader: inout WireReader) throws(WireError) {
        self.init(
            label: try reader.optionalText(), abstention: try reader.optionalText(),
            verdicts: try reader.array(of: Verdict.self), metrics: try reader.table())
    }
}

extension Grade: WireCodable {
    func encode(to writer: inout WireWriter) {
        writer.write(Array(correct)) { writer, mark in
            writer.write(mark.key)
            writer.write(mark.value)
        }
        writer.write(parsed)
    }

    init(from reader: inout WireReader) throws(WireError) {
        let marks = try reader.array { reader throws(WireError) in
            (try reader.read(String.self), try reader.read(Bool.self))
        }
        self.init(
            correct: Dictionary(marks, uniquingKeysWith: { $1 }), parsed: try reader.read())
    }
}

extension SamplingPlan: WireCodable {
    func encode(to writer: inout WireWriter) {
        writer.write(samplesPerTemperature)
        writer.write(numbers: temperatures)
        writer.write(settings.temperature)
        writer.write(settings.topK)
        writer.write(settings.topP)
        writer.write(settings.minP)
        writer.write(settings.maxTokens)
        writer.write(settings.stops) { $0.write($1) }
        writer.write(seed)
    }

    init(from reader: inout WireReader) throws(WireError) {
        self.init(
            samplesPerTemperature: try reader.read(),
            temperatures: try reader.read(numbers: Double.self),
            settings: SamplingSettings(
                temperature: try reader.read(), topK: try reader.read(), topP: try reader.read(),
                minP: try reader.read(), maxTokens: try reader.read(), stops: try reader.texts()),
            seed: try reader.read())
    }
}

extension ScoringItem: WireCodable {
    func encode(to writer: inout WireWriter) {
        writer.write(prompt)
        writer.write(text)
        writer.write(finished)
    }

    init(from reader: inout WireReader) throws(WireError) {
        self.init(prompt: try reader.read(), text: try reader.read(), finished: try reader.read())
    }
}

extension RewardTrainingData: WireCodable {
    func encode(to writer: inout WireWriter) {
        writer.write(groups) { $0.write($1) }
        writer.write(seed)
    }

    init(from reader: inout WireReader) throws(WireError) {
        self.init(
            groups: try reader.array { reader throws(WireError) in
                try reader.array(of: Item.self)
            }, seed: try reader.read())
    }
}

extension RewardTrainingData.Item: WireCodable {
    func encode(to writer: inout WireWriter) {
        writer.write(item)
        writer.write(reward)
        writer.write(weight)
        writer.write(raw: role)
    }

    init(from reader: inout WireReader) throws(WireError) {
        self.init(
            item: try reader.read(), reward: try reader.read(), weight: try reader.read(),
            role: try reader.read(raw: Response.Role.self))
    }
}
