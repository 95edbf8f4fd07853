import RefluxCore
import RefluxFiles

/// The teachers' responses of each prompt with their answers: the part of every later group that does
/// not change.
struct TeacherPool: Sendable {
    private let byPrompt: [String: [LabelledResponse]]

    /// Reads what the stage `label` left.
    init(_ context: StageContext) throws {
        let path = "\(context.folder(.label))/labelled.jsonl"
        byPrompt = Dictionary(
            grouping: try JSONLines.read(LabelledResponse.self, from: path),
            by: \.response.promptID)
    }

    /// The responses to a prompt and their answers.
    func group(of prompt: String) -> (responses: [Response], answers: [String?]) {
        let lines = byPrompt[prompt] ?? []
        return (lines.map(\.response), lines.map(\.answer))
    }

    /// Whether the rule gave a pseudo-reward to any of a prompt's responses.
    func isRewarded(_ prompt: String) -> Bool {
        byPrompt[prompt]?.contains { $0.reward != nil } ?? false
    }
}
