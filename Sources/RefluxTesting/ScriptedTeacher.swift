public import RefluxCore

/// A teacher for tests that says what it was told to say.
public struct ScriptedTeacher: TeacherSource {
    /// Makes the text of a sample.
    public typealias Script = @Sendable (_ prompt: Prompt, _ sample: Int) -> String

    /// The teacher's name.
    public let name: String
    private let script: Script

    /// Makes a teacher of a script; samples are numbered through over the plan's temperatures.
    public init(name: String = "scripted", script: @escaping Script) {
        self.name = name
        self.script = script
    }

    /// Makes a teacher of a table by prompt id; the samples go through a prompt's texts in turn, and
    /// a prompt that is not in the table is answered by nothing.
    public init(name: String = "scripted", table: [String: [String]]) {
        self.init(name: name) { prompt, sample in
            guard let texts = table[prompt.id], !texts.isEmpty else { return "" }
            return texts[sample % texts.count]
        }
    }

    /// Answers as the script says.
    public func respond(
        to prompts: [Prompt], plan: SamplingPlan, observer: RunObserver
    ) async throws -> [[Response]] {
        let total = prompts.count * plan.samplesPerPrompt
        return prompts.enumerated().map { place, prompt in
            defer { observer.progress((place + 1) * plan.samplesPerPrompt, total, "responses") }
            return (0..<plan.samplesPerPrompt).map { sample in
                Response(
                    promptID: prompt.id, text: script(prompt, sample), role: .teacher, source: name,
                    model: "script", sample: sample,
                    temperature: plan.temperatures[sample / plan.samplesPerTemperature],
                    seed: plan.seed, finish: .stop)
            }
        }
    }
}
