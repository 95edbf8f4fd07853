public import RefluxCore
import Synchronization

/// A teacher that is a model on this machine, reached through the engine seam.
///
/// The model is opened frozen with the first prompts and stays open as long as the teacher lives.
/// All prompts of a call, at all temperatures, are one call to the engine, which batches them.
///
/// **Random numbers.** `RandomKey.teaching`: neither two teachers nor two temperatures share numbers,
/// and prompts do not depend on the chunk they are in.
/// **Samples** are numbered over the whole plan: temperature index times samples per temperature
/// plus the index of the sample.
/// **Threads.** Called from one task at a time, as ``TeacherSource`` says.
public final class LocalModelTeacher: TeacherSource {
    /// The teacher's name.
    public let name: String
    private let path: String
    private let options: ModelOptions
    private let models: any LanguageModelProvider
    private let engine = Mutex<(any LanguageModelEngine)?>(nil)

    /// Makes a teacher; nothing is opened yet.
    public init(settings: LocalModelSettings, context: BuildContext) {
        name = settings.name
        path = context.modelPath(settings.model)
        models = context.models
        options = ModelOptions(
            precision: settings.precision ?? context.precision, seed: context.seed)
    }

    /// Answers every prompt at every temperature of the plan.
    ///
    /// - Throws: ``RefluxError`` when the model cannot be opened or a prompt does not fit it.
    public func respond(
        to prompts: [Prompt], plan: SamplingPlan, observer: RunObserver
    ) async throws -> [[Response]] {
        let engine = try await openEngine(observer)
        try Task.checkCancellation()
        let counter = Mutex(0)
        let total = prompts.count * plan.samplesPerPrompt
        let drawn = try await engine.sample(
            try requests(for: prompts, plan: plan, tokenizer: engine.tokenizer)
        ) {
            let done = counter.withLock { count in
                count += 1
                return count
            }
            observer.progress(done, total, "responses")
        }
        let width = plan.temperatures.count
        return prompts.indices.map { index in
            (0..<width).flatMap { temperature in
                responses(
                    drawn[index * width + temperature], to: prompts[index],
                    temperature: temperature, plan: plan)
            }
        }
    }

    /// One request for each prompt and temperature, prompt by prompt.
    private func requests(
        for prompts: [Prompt], plan: SamplingPlan, tokenizer: any Tokenizer
    ) throws -> [SampleRequest] {
        try prompts.flatMap { prompt in
            let tokens = try tokenizer.encode(prompt.content)
            return plan.temperatures.enumerated().map { index, temperature in
                var settings = plan.settings
                settings.temperature = temperature
                settings.stops += prompt.stops
                return SampleRequest(
                    id: prompt.id, prompt: tokens, settings: settings,
                    count: plan.samplesPerTemperature,
                    key: .teaching(
                        seed: plan.seed, teacher: name, temperature: index, prompt: prompt.index))
            }
        }
    }

    private func responses(
        _ samples: [SampledResponse], to prompt: Prompt, temperature: Int, plan: SamplingPlan
    ) -> [Response] {
        samples.enumerated().map { index, sample in
            Response(
                promptID: prompt.id, text: sample.text, role: .teacher, source: name, model: path,
                sample: temperature * plan.samplesPerTemperature + index,
                temperature: plan.temperatures[temperature], seed: plan.seed, finish: sample.finish,
                tokenCount: sample.tokens.count, meanLogProbability: sample.meanLogProbability)
        }
    }

    private func openEngine(_ observer: RunObserver) async throws -> any LanguageModelEngine {
        if let engine = engine.withLock({ $0 }) { return engine }
        let opened = try await models.open(path, options: options)
        engine.withLock { $0 = opened }
        observer.note(
            "teacher \(name): \(opened.info.parameterCount) parameters, \(opened.info.arithmetic)")
        return opened
    }
}
