import RefluxCore

/// A generated problem.
struct WordProblem: Equatable {
    var question: String
    var solution: String
    var gold: String
    /// How many steps the story has.
    var steps: Int

    /// A random problem: the number of steps is uniform in the settings' range.
    static func random(
        _ settings: WordProblemSettings, using random: inout some RandomNumberGenerator
    ) -> WordProblem {
        let story = Story(using: &random)
        let start = Int.random(in: 2...settings.maxStart, using: &random)
        var sentences = [story.opening(start, using: &random)]
        var steps: [Step] = []
        var value = start
        for _ in 0..<Int.random(in: settings.minSteps...settings.maxSteps, using: &random) {
            let step = Step.random(on: value, settings, using: &random)
            sentences.append(story.sentence(for: step, using: &random))
            steps.append(step)
            value = step.applied(to: value)
        }
        sentences.append(story.question(using: &random))
        let solution = WorkedSolution.text(
            start: start, steps: steps, variedPaths: settings.variedPaths, using: &random)
        return WordProblem(
            question: sentences.joined(separator: " "), solution: solution, gold: String(value),
            steps: steps.count)
    }
}
