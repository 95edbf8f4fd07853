import ArgumentParser
import RefluxPipeline

/// The rule of the commands that judge recorded responses for a reward model.
struct RewardLabelOptions: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp(
            "The rule that gives pseudo-rewards; teacher-majority by default.", valueName: "id"))
    var rule: String?
    @Option(
        name: .long,
        help: ArgumentHelp("What the rule does about ties: its key tie.", valueName: "policy"))
    var tie: String?
}

/// The floors of a reward model's report.
struct RewardFloorOptions: ParsableArguments {
    @Option(
        name: .long, parsing: .singleValue,
        help: ArgumentHelp(
            "Fail where a held-out number is smaller, such as within_prompt_auc=0.6; may be "
                + "repeated.", valueName: "name=value"))
    var floor: [String] = []

    /// The floors.
    func parsed() throws -> [RewardReportFloor] { try floor.map(RewardReportFloor.init(parsing:)) }
}

extension RecordedOptions {
    /// Refuses calls of a command that has recorded responses only.
    func validateAlone(_ options: RunOptions) throws {
        guard task != nil, responses != nil else {
            throw ValidationError(
                "Give \(task == nil ? "--task" : "--responses"): recorded responses and the task "
                    + "that they answer.")
        }
        try validate(
            file: nil, further: [], runOnly: options.runs == "runs" ? [] : ["--runs"])
    }
}
