import ArgumentParser

/// `reflux reward FILE`, and the reward models of recorded responses.
struct RewardCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reward",
        abstract: "Train the reward model on the labelled responses; fit and measure one on files.",
        discussion: """
            `reflux reward FILE` is the stage reward of the run. The other verbs work on recorded \
            responses without a run file; docs/reward-models.md says what each number means.
            """,
        subcommands: [
            RewardStageCommand.self, RewardFitCommand.self, RewardScoreCommand.self,
            RewardReportCommand.self,
        ],
        defaultSubcommand: RewardStageCommand.self)
}
