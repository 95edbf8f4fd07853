package import RefluxCore

/// What `reflux evaluate --model` asks of a model, without a run.
package struct ModelEvaluation: Sendable {
    /// The model folder or GGUF file.
    package var model: String
    /// The id of the task.
    package var task: String
    /// The questions, the task's key `data`; `nil` for tasks that make their own.
    package var questions: String?
    /// The reading that votes, the task's key `extractor`; `nil` takes the task's default.
    package var extractor: String?
    /// The most questions; `nil` asks all.
    package var limit: Int?
    /// Answers to each question.
    package var samples: Int
    /// How answers are drawn.
    package var sampling: SamplingSettings
    /// The arithmetic.
    package var precision: ModelOptions.Precision
    /// Where the graded answers go; answers that are there from an interrupted call are kept.
    package var output: String?
    /// Further values as in a run file.
    package var overrides: [String]
    /// Plugins whose parts may be named, by path or id.
    package var plugins: [String]

    /// Makes a request.
    package init(
        model: String, task: String, questions: String? = nil, extractor: String? = nil,
        limit: Int? = nil, samples: Int = 1, sampling: SamplingSettings,
        precision: ModelOptions.Precision = .automatic, output: String? = nil,
        overrides: [String] = [], plugins: [String] = []
    ) {
        self.model = model
        self.task = task
        self.questions = questions
        self.extractor = extractor
        self.limit = limit
        self.samples = samples
        self.sampling = sampling
        self.precision = precision
        self.output = output
        self.overrides = overrides
        self.plugins = plugins
    }

    /// The same task with answers that stand in a file.
    func recorded(in file: String) -> RecordedSource {
        RecordedSource(
            task: task, questions: questions, responses: file, extractor: extractor,
            overrides: overrides, plugins: plugins)
    }
}
