import RefluxCore
import RefluxPluginHost
import RefluxTesting

/// What the checker does with teachers.
struct TeacherExercise: Exercise {
    private let seed: UInt64

    init(seed: UInt64) { self.seed = seed }

    var inputCount: Int { 4 }

    func make(_ bench: Bench) throws -> any TeacherSource {
        try bench.runtime.makeTeacher(bench.request)
    }

    func output(of input: Int, from teacher: any TeacherSource) async throws -> String {
        let prompts = (0...input).map { Samples.prompt($0 + input * 10) }
        let all = try await teacher.respond(to: prompts, plan: plan(), observer: .silent)
        return all.map { responses in
            responses.map(Self.text).joined(separator: " | ")
        }.joined(separator: "\n")
    }

    func longCall(_ teacher: any TeacherSource) async throws {
        let prompts = (0..<200).map(Samples.prompt)
        _ = try await teacher.respond(to: prompts, plan: plan(samples: 4), observer: .silent)
    }

    var behaviours: [Behaviour<any TeacherSource>] {
        [
            Behaviour("ordinary", "prompts are answered, no oftener than planned") {
                teacher, bench in
                try await conforming(bench, "behaviour.ordinary") {
                    try await TeacherSourceConformance.check(
                        teacher, prompts: [0, 1, 2].map(Samples.prompt), plan: plan(),
                        deterministic: bench.subject.isDeterministic)
                }
            },
            Behaviour("greedy", "a plan of one greedy response is carried out") { teacher, _ in
                var greedy = plan(samples: 1)
                greedy.temperatures = [0]
                greedy.settings.maxTokens = 1
                _ = try await teacher.respond(
                    to: [Samples.prompt(0)], plan: greedy, observer: .silent)
            },
            Behaviour("unusual-texts", "prompts of unusual texts are answered") { teacher, _ in
                for text in Samples.unusualTexts {
                    let prompt = Prompt(id: "p/0", index: 0, content: .text(text))
                    try await allowingRefusal {
                        _ = try await teacher.respond(
                            to: [prompt], plan: plan(samples: 1), observer: .silent)
                    }
                }
            },
        ]
    }

    private func plan(samples: Int = 2) -> SamplingPlan {
        SamplingPlan(
            samplesPerTemperature: samples, temperatures: [0.7, 1],
            settings: SamplingSettings(maxTokens: 16), seed: seed)
    }

    private static func text(of response: Response) -> String {
        "\(response.sample) \(response.text) \(response.finish) \(response.model)"
            + " \(response.tokenCount ?? -1) \(bits(response.meanLogProbability ?? 0))"
    }
}
