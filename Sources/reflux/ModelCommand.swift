import ArgumentParser

/// `reflux model`.
struct ModelCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "model", abstract: "Download models, look at them and convert them.",
        discussion: "Which families and files can be read: docs/models.md.",
        subcommands: [
            ModelPullCommand.self, ModelShowCommand.self, ModelConvertCommand.self,
        ])
}
