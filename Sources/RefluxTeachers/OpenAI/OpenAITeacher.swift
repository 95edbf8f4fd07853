import Foundation
public import RefluxCore
import RefluxNetwork
import Synchronization

/// A teacher behind a server that speaks the OpenAI protocol: vLLM, SGLang, llama.cpp, Ollama,
/// `transformers serve`, or a hosted one.
///
/// Every sample is looked up in the response cache, and asked for when it is not there; an answer is
/// in the cache before anything else is done with it. So a run that is killed asks nothing twice.
///
/// **Random numbers.** `RandomKey.teaching` gives each sample a seed from 1 to 2^31 - 1, which is
/// sent with its request; how far a server keeps to it is the server's affair.
/// **Samples** are numbered over the whole plan, as `local-model` does.
/// **Threads.** Called from one task at a time; up to `concurrency` requests are under way.
/// **Errors.** ``RefluxError``: of kind `usage` for a plan that the server cannot be asked for or a
/// missing key, before any request; of kind `input` with the server's words where it refuses; of
/// kind `system` where it cannot be reached.
public final class OpenAITeacher: TeacherSource {
    /// The teacher's name.
    public let name: String
    private let settings: OpenAISettings
    private let cachePath: String?
    private let policy: RetryPolicy
    private let environment: [String: String]
    private let tally = SharedTally()
    private let state = Mutex(State())

    private struct State {
        var client: OpenAIClient?
        var cache: ResponseCache?
        var told: Set<String> = []
    }

    /// Makes a teacher; nothing is opened or sent yet.
    ///
    /// - Parameters:
    ///   - settings: its keys.
    ///   - cachePath: the file of the response cache; `nil` does without.
    public convenience init(settings: OpenAISettings, cachePath: String?) {
        self.init(
            settings: settings, cachePath: cachePath,
            policy: RetryPolicy(retries: settings.retries),
            environment: ProcessInfo.processInfo.environment)
    }

    /// Makes a teacher that repeats requests as a policy says, and finds its key in an environment.
    init(
        settings: OpenAISettings, cachePath: String?, policy: RetryPolicy,
        environment: [String: String]
    ) {
        name = settings.name
        self.settings = settings
        self.cachePath = cachePath
        self.policy = policy
        self.environment = environment
    }

    /// Answers every prompt at every temperature of the plan.
    public func respond(
        to prompts: [Prompt], plan: SamplingPlan, observer: RunObserver
    ) async throws -> [[Response]] {
        let before = tally.current
        let asked = try questions(prompts, plan)
        tellOfTexts(prompts, observer)
        var answers = prompts.map { _ in [Response?](repeating: nil, count: plan.samplesPerPrompt) }
        let total = prompts.count * plan.samplesPerPrompt
        try await withThrowingTaskGroup(of: [Answer].self) { group in
            var waiting = asked.makeIterator()
            var done = 0
            for _ in 0..<settings.concurrency {
                guard let question = waiting.next() else { break }
                group.addTask { try await self.answer(question) }
            }
            while let batch = try await group.next() {
                for answer in batch {
                    answers[answer.place][answer.response.sample] = answer.response
                }
                done += batch.count
                observer.progress(done, total, "responses")
                if let question = waiting.next() {
                    group.addTask { try await self.answer(question) }
                }
            }
        }
        tell(since: before, observer)
        return answers.map { $0.compactMap(\.self) }
    }
}

// MARK: - Questions

extension OpenAITeacher {
    /// Samples of one prompt at one temperature that one request may ask for.
    private struct Question: Sendable {
        let place: Int
        let prompt: Prompt
        let body: RequestBody
        let temperature: Double
        /// The indexes among the samples of this temperature.
        let samples: Range<Int>
        /// What is added to them for indexes over the whole plan.
        let firstSample: Int
        let key: RandomKey
        let tokens: Double
    }

    /// A response and the place of its prompt in the call.
    private struct Answer: Sendable {
        let place: Int
        let response: Response
    }

    private func questions(_ prompts: [Prompt], _ plan: SamplingPlan) throws -> [Question] {
        let width = plan.samplesPerTemperature
        return try prompts.enumerated().flatMap { place, prompt in
            try plan.temperatures.enumerated().flatMap { index, temperature in
                let body = try RequestBody(
                    prompt, sampling: plan.settings, temperature: temperature, settings: settings)
                let key = RandomKey.teaching(
                    seed: plan.seed, teacher: name, temperature: index, prompt: prompt.index)
                return stride(from: 0, to: width, by: settings.samplesPerRequest).map { first in
                    Question(
                        place: place, prompt: prompt, body: body, temperature: temperature,
                        samples: first..<min(width, first + settings.samplesPerRequest),
                        firstSample: index * width, key: key,
                        tokens: Double(
                            prompt.displayText.utf8.count / 4 + plan.settings.maxTokens))
                }
            }
        }
    }

    /// Looks up the samples of a question, and asks for those that are not known.
    private func answer(_ question: Question) async throws -> [Answer] {
        let cache = try openCache()
        var known: [Int: CachedResponse] = [:]
        for sample in question.samples {
            known[sample] = try await cache?.response(for: cacheKey(question, sample))
        }
        tally.add { $0.cached += known.count }
        var missing = question.samples.filter { known[$0] == nil }
        while let first = missing.first {
            guard let fresh = try await ask(question, first: first, count: missing.count) else {
                break
            }
            for (sample, response) in zip(missing, fresh) {
                known[sample] = try await keep(response, of: question, sample, in: cache)
            }
            missing.removeFirst(min(fresh.count, missing.count))
        }
        return known.map { sample, cached in
            Answer(place: question.place, response: response(cached, to: question, sample))
        }
    }

    /// Sends one request.
    ///
    /// - Returns: at least one answer; `nil` where the server refuses the question and that is
    ///   allowed.
    private func ask(
        _ question: Question, first: Int, count: Int
    ) async throws -> [CachedResponse]? {
        try Task.checkCancellation()
        let random = question.key.with(sample: first)
        let body = try question.body.bytes(seed: random.requestSeed, count: count)
        do {
            let (reply, seconds) = try await openClient().ask(
                body, tokens: question.tokens * Double(count), random: random)
            return reply.choices.enumerated().map { index, choice in
                cached(choice, isFirst: index == 0, of: reply, to: question, seconds: seconds)
            }
        } catch let refusal as OpenAIClient.Refusal {
            tally.add { $0.refused += 1 }
            let tally = tally.current
            let isHopeless = tally.refused >= 10 && tally.answered + tally.cached == 0
            guard settings.onError == .skip, !isHopeless else {
                throw refused(refusal, question.prompt)
            }
            return nil
        }
    }

    private func refused(_ refusal: OpenAIClient.Refusal, _ prompt: Prompt) -> RefluxError {
        RefluxError(
            .input,
            found: "the server refuses the prompt \(prompt.id): "
                + OpenAIClient.words(refusal.status, refusal.message),
            at: SourceLocation(path: "\(settings.baseURL)/\(settings.api.path)"),
            wanted: "an answer for the teacher \(name)",
            remedy: "If the prompt is too long, give the server a longer context or the run a "
                + "smaller max_tokens; if a key is not known there, say with server which program "
                + "answers. on_error: skip leaves such prompts out. What is answered is kept.")
    }
}

// MARK: - Answers

extension OpenAITeacher {
    private func cached(
        _ choice: ServerReply.Choice, isFirst: Bool, of reply: ServerReply, to question: Question,
        seconds: Double
    ) -> CachedResponse {
        let answer = AnsweredSample(choice, stops: question.body.stops)
        let isAlone = reply.choices.count == 1
        return CachedResponse(
            promptID: question.prompt.id, question: question.prompt.displayText, text: answer.text,
            finish: answer.finish, reportedFinish: choice.finish,
            sample: question.firstSample, temperature: question.temperature,
            tokenCount: choice.tokenCount ?? (isAlone ? reply.completionTokens : nil),
            meanLogProbability: choice.meanLogProbability,
            promptTokens: isFirst ? reply.promptTokens : nil, reportedModel: reply.model,
            seconds: seconds)
    }

    /// Puts an answer into the cache; one that is here is kept, even when the run is being stopped.
    private func keep(
        _ fresh: CachedResponse, of question: Question, _ sample: Int, in cache: ResponseCache?
    ) async throws -> CachedResponse {
        tally.add {
            $0.answered += 1
            if fresh.reportedFinish == "content_filter" { $0.filtered += 1 }
            if fresh.meanLogProbability == nil { $0.withoutLogProbabilities += 1 }
        }
        guard let cache else { return fresh }
        var fresh = fresh
        fresh.sample = question.firstSample + sample
        let (kept, key) = (fresh, try cacheKey(question, sample))
        return try await Task { try await cache.store(kept, for: key) }.value
    }

    private func cacheKey(_ question: Question, _ sample: Int) throws -> ResponseKey {
        try ResponseKey(
            server: settings.baseURL, path: settings.api.path, model: settings.model,
            body: question.body.values(seed: question.key.with(sample: sample).requestSeed),
            seed: question.key.seed, sample: sample)
    }

    private func response(
        _ cached: CachedResponse, to question: Question, _ sample: Int
    ) -> Response {
        Response(
            promptID: question.prompt.id, text: cached.text, role: .teacher, source: name,
            model: cached.reportedModel ?? settings.model, sample: question.firstSample + sample,
            temperature: question.temperature, seed: question.key.seed, finish: cached.finish,
            tokenCount: cached.tokenCount, meanLogProbability: cached.meanLogProbability)
    }

    private func openClient() throws -> OpenAIClient {
        try state.withLock { state in
            if let client = state.client { return client }
            let client = try OpenAIClient(
                settings, policy: policy, environment: environment, tally: tally)
            state.client = client
            return client
        }
    }

    private func openCache() throws -> ResponseCache? {
        guard let cachePath else { return nil }
        return try state.withLock { state in
            if let cache = state.cache { return cache }
            let cache = try ResponseCache(path: cachePath)
            state.cache = cache
            return cache
        }
    }
}

// MARK: - What is told

extension OpenAITeacher {
    private func tell(since before: ClientTally, _ observer: RunObserver) {
        let now = tally.current
        let added = now.since(before)
        observer.metrics(0, added.metrics(price: settings.price))
        if settings.logprobs, added.withoutLogProbabilities > 0 {
            tellOnce("logprobs", observer) {
                "the server sends no log-probabilities, or none that can be read; the responses "
                    + "have none"
            }
        }
        if settings.price != nil, added.answered > 0, added.completionTokens == 0 {
            tellOnce("usage", observer) { "the server counts no tokens: the cost is not known" }
        }
        observer.note("teacher \(name): \(now.summary(price: settings.price))")
    }

    private func tellOfTexts(_ prompts: [Prompt], _ observer: RunObserver) {
        guard settings.api == .chat, prompts.contains(where: { $0.content.isText }) else { return }
        tellOnce("texts", observer) {
            "the task's prompts are texts to be continued; each is sent as one message of a user "
                + "(api: completions continues them)"
        }
    }

    private func tellOnce(_ subject: String, _ observer: RunObserver, _ text: () -> String) {
        let isNew = state.withLock { $0.told.insert(subject).inserted }
        if isNew { observer.note("teacher \(name): \(text())") }
    }
}

extension Prompt.Content {
    fileprivate var isText: Bool { if case .text = self { true } else { false } }
}
