package import RefluxCore
import RefluxFiles

/// A reward model in a folder: what `reflux reward fit` left, the folder `reward` of a run, or what
/// ``RewardModel/save(to:)`` wrote itself.
package struct SavedRewardModel: Sendable {
    /// The folder that was named.
    package let folder: String
    /// The folder that ``RewardModel/save(to:)`` wrote.
    let model: String
    /// The section `reward` from which it is loaded.
    let section: ConfigurationNode
    /// What it learnt from, where `reflux reward fit` made it.
    let record: RewardFitRecord?

    /// Looks at a folder.
    ///
    /// A built-in model keeps its settings beside its weights; a plugin's is given the ones that it
    /// was made with.
    ///
    /// - Throws: ``RefluxError`` of kind `input` when no reward model stands there.
    package init(folder: String, registry: ExtensionRegistry) throws {
        self.folder = folder
        let place = SourceLocation(path: "--model")
        record = try RewardFitRecord.read(in: folder)
        var entries: [ConfigurationEntry] = []
        if let record {
            model = "\(folder)/\(RewardFitFolder.model)"
            if registry.origin(of: .rewardModel, id: record.use) == .builtIn {
                entries = [
                    ConfigurationEntry("use", ConfigurationNode(.string(record.use), at: place))
                ]
            } else if case .table(let all)? = try record.settings(in: folder)["reward"]?.value {
                entries = all.filter { $0.key != "load" }
            }
        } else {
            let candidates = ["\(folder)/\(RewardFitFolder.model)", folder]
            guard let found = candidates.first(where: { Files.exists("\($0)/reward.json") }) else {
                throw RefluxError(
                    .input, found: "no reward model", at: SourceLocation(path: folder),
                    wanted: "a folder of reflux reward fit, the folder reward of a run, or a saved "
                        + "model with reward.json",
                    remedy: "Check the path.")
            }
            model = found
            entries = [
                ConfigurationEntry("use", ConfigurationNode(.string("language-model"), at: place))
            ]
        }
        entries.append(ConfigurationEntry("load", ConfigurationNode(.string(model), at: place)))
        section = ConfigurationNode(.table(entries), at: place)
    }
}
