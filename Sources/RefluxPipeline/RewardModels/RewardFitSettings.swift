import RefluxCore

/// What `reflux reward fit` is asked beside its parts: the split, and how much of the data is used.
package struct RewardFitSettings: Sendable, Codable, Equatable {
    /// What is held out, as ``HeldOutChoice`` reads it.
    package var heldOut: String
    /// The seed of the split and of the choices below.
    package var splitSeed: UInt64
    /// The most questions to learn from.
    package var limitPrompts: Int?
    /// The most responses to learn from of one question, half of them accepted and half rejected.
    package var responsesPerPrompt: Int?
    /// The most held-out questions; all their responses are scored.
    package var limitHeldOut: Int?
    /// How many of the questions that were learnt from are scored as well.
    package var trainingReport: Int
    /// The most characters of a prompt; longer ones are on neither side.
    package var promptCharacters: Int?
    /// Whether the mean log-probability under the untrained body is measured beside the scores.
    package var bodyBaseline: Bool

    /// Makes settings.
    package init(
        heldOut: HeldOutChoice, splitSeed: UInt64 = 0, limitPrompts: Int? = nil,
        responsesPerPrompt: Int? = nil, limitHeldOut: Int? = nil, trainingReport: Int = 0,
        promptCharacters: Int? = nil, bodyBaseline: Bool = false
    ) {
        self.heldOut = "\(heldOut)"
        self.splitSeed = splitSeed
        self.limitPrompts = limitPrompts
        self.responsesPerPrompt = responsesPerPrompt
        self.limitHeldOut = limitHeldOut
        self.trainingReport = trainingReport
        self.promptCharacters = promptCharacters
        self.bodyBaseline = bodyBaseline
    }

    enum CodingKeys: String, CodingKey {
        case heldOut = "held_out"
        case splitSeed = "split_seed"
        case limitPrompts = "limit_prompts"
        case responsesPerPrompt = "responses_per_prompt"
        case limitHeldOut = "limit_held_out"
        case trainingReport = "training_report"
        case promptCharacters = "prompt_characters"
        case bodyBaseline = "body_baseline"
    }
}
