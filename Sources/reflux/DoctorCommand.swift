import ArgumentParser
import RefluxPipeline

/// `reflux doctor`.
struct DoctorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Show what this machine has, and what will be used of it.")

    @Flag(name: .long, help: "Print JSON.") var json = false

    func run() throws {
        let examination = Examination()
        try printResult(examination.facts, text: examination.text, asJSON: json)
    }
}
