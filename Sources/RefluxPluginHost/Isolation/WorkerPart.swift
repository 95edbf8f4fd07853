import RefluxCore

/// The one part that a worker serves.
enum WorkerPart: Sendable {
    /// A rule.
    case rule(any PseudoRewardRule)
    /// An optimizer.
    case optimizer(any PolicyOptimizer)
    /// A task.
    case task(any TaskEvaluator)
    /// A teacher.
    case teacher(any TeacherSource)
    /// A reward model.
    case rewardModel(any RewardModel)

    /// Makes a part.
    init(_ kind: PluginKind, _ request: ExtensionRequest, by runtime: any PluginRuntime) throws {
        self =
            switch kind {
            case .pseudoRewardRule: .rule(try runtime.makeRule(request))
            case .policyOptimizer: .optimizer(try runtime.makeOptimizer(request))
            case .taskEvaluator: .task(try runtime.makeTask(request))
            case .teacherSource: .teacher(try runtime.makeTeacher(request))
            case .rewardModel: .rewardModel(try runtime.makeRewardModel(request))
            }
    }

    /// The part's properties; `name` is that of a reward model, which has none itself.
    func traits(name: String) -> PartTraits {
        var traits = PartTraits(name: name)
        switch self {
        case .rule(let rule):
            traits.name = rule.name
            traits.needsGold = rule.needsGold
        case .optimizer(let optimizer):
            traits.name = optimizer.name
            traits.needsValues = optimizer.needsValues
            traits.needsReference = optimizer.needsReference
            traits.needsEntropy = optimizer.needsEntropy
            traits.stopsGradient = optimizer.stopsGradient
            traits.epochs = optimizer.epochs
        case .task(let task):
            traits.name = task.name
            traits.metrics = task.metrics
        case .teacher(let teacher):
            traits.name = teacher.name
        case .rewardModel:
            break
        }
        return traits
    }

    /// Does a call.
    ///
    /// - Parameters:
    ///   - operation: what to do.
    ///   - request: the payload of the request.
    ///   - observer: to be told of progress and metrics.
    /// - Returns: what writes the answer.
    /// - Throws: what the part throws.
    func perform(
        _ operation: WorkerOperation, _ request: WireReader, observer: RunObserver
    ) async throws -> WorkerAnswer {
        var reader = request
        switch (self, operation) {
        case (.rule(let rule), .judge):
            let judgement = try await rule.judge(try reader.whole())
            return { $0.write(judgement) }
        case (.optimizer(let optimizer), .advantages):
            let batch = try optimizer.advantages(for: try reader.whole())
            return { $0.write(batch) }
        case (.optimizer(let optimizer), .loss):
            let loss = try optimizer.loss(for: try reader.whole())
            return { $0.write(loss) }
        case (.task(let task), _):
            return try Self.perform(operation, of: task, &reader)
        case (.teacher(let teacher), .respond):
            let prompts = try reader.array(of: Prompt.self)
            let responses = try await teacher.respond(
                to: prompts, plan: try reader.whole(), observer: observer)
            return { $0.write(responses) { $0.write($1) } }
        case (.rewardModel(let model), _):
            return try await Self.perform(operation, of: model, &reader, observer)
        default:
            throw WireError("the call \(operation) of another kind of part")
        }
    }

    private static func perform(
        _ operation: WorkerOperation, of task: any TaskEvaluator, _ reader: inout WireReader
    ) throws -> WorkerAnswer {
        switch operation {
        case .examples:
            let examples = try task.examples(in: try reader.read(raw: Split.self))
            return { $0.write(examples) }
        case .prompt:
            let prompt = try task.prompt(for: try reader.whole())
            return { $0.write(prompt) }
        case .answer:
            let answer = try task.answer(in: try reader.read(String.self))
            return { $0.write(answer) { $0.write($1) } }
        case .grade:
            let grade = try task.grade(try reader.read(String.self), for: try reader.whole())
            return { $0.write(grade) }
        default:
            throw WireError("the call \(operation) of a task")
        }
    }

    private static func perform(
        _ operation: WorkerOperation, of model: any RewardModel, _ reader: inout WireReader,
        _ observer: RunObserver
    ) async throws -> WorkerAnswer {
        switch operation {
        case .fit:
            let data = try reader.read(RewardTrainingData.self)
            try await model.fit(data, checkpoint: try reader.optionalText(), observer: observer)
            return { _ in }
        case .score:
            let scores = try await model.score(try reader.array(of: ScoringItem.self))
            return { $0.write(numbers: scores) }
        case .save:
            try await model.save(to: try reader.read(String.self))
            return { _ in }
        default:
            throw WireError("the call \(operation) of a reward model")
        }
    }
}

/// Writes an answer.
typealias WorkerAnswer = @Sendable (inout WireWriter) -> Void

extension WireReader {
    /// Reads a value that is all that is left.
    mutating func whole<T: WireCodable>(_ type: T.Type = T.self) throws(WireError) -> T {
        let value = try read(type)
        try finish()
        return value
    }
}
