import ArgumentParser

/// `reflux model`.
struct ModelCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "model", abstract: "Look at models and convert them.",
        discussion: "Which families and files can be read: docs/models.md.",
        subcommands: [ModelShowCommand.self, ModelConvertCommand.self])
}
