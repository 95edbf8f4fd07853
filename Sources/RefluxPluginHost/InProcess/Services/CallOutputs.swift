import RefluxCore

/// What a plugin said during one call, through the host's services and the lists it was given.
struct CallOutputs {
    /// The reason of a failure.
    var error: String?
    /// The first thing that it said wrongly.
    var fault: RefluxError?
    /// The configuration that is in effect.
    var configuration: String?
    /// Named numbers in the order in which they came.
    var metrics: [Metric] = []
    /// Named numbers of the step that is going on, in calls that have an observer.
    var pending: (step: Int, values: [String: Double])?
    /// What a rule says of a group.
    var judgement = JudgementDraft()
    /// The names of a task's metrics.
    var metricNames: [String] = []
    /// The examples of a split.
    var examples: [Example] = []
    /// The prompt of an example.
    var prompt = PromptDraft()
    /// The answers of responses, by their index.
    var answers: [Int: String] = [:]
    /// The responses of a teacher, by the prompt's index.
    var responses: [Int: [Response]] = [:]

    /// A named number.
    struct Metric {
        /// Its name.
        let name: String
        /// What it is.
        let value: Double
    }

    /// What a rule said beside its rewards.
    struct JudgementDraft {
        /// The pseudo-label.
        var label: String?
        /// Why there is none.
        var abstention: String?
        /// Why a response has no reward, by its index.
        var abstentions: [Int: String] = [:]
    }

    /// What a task said of a prompt.
    struct PromptDraft {
        /// The text to be continued.
        var text: String?
        /// The messages of a conversation.
        var messages: [ChatMessage] = []
        /// Texts at which generation stops.
        var stops: [String] = []
    }

    /// The named numbers by name; of several with one name the last one.
    var metricsByName: [String: Double] {
        metrics.isEmpty
            ? [:] : Dictionary(metrics.map { ($0.name, $0.value) }, uniquingKeysWith: { $1 })
    }
}
