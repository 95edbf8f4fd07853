import RefluxCore
import RefluxPluginHost

/// A checked run file: every section read, every default known, every part that it names made once.
///
/// Settings of a stage are read from here; the raw table of a section, for making its part, comes
/// from ``reader(_:)``; the table with all defaults, for fingerprints, from ``resolved(_:)``.
package struct RunConfiguration: Sendable {
    /// The section `run`.
    let run: RunSettings
    /// The section `prepare`, when the run trains its own teacher.
    let prepare: PrepareSettings?
    /// The task of the section `task`: the one part that is kept, as every stage needs it and it may
    /// be expensive to load.
    let task: any TaskEvaluator
    /// The pipeline's keys of the section `task`.
    let taskSettings: TaskSettings
    /// The pipeline's keys of each entry of `teachers`.
    let teachers: [TeacherSettings]
    /// The section `student`.
    let student: StudentSettings
    /// The pipeline's keys of the section `label`.
    let label: LabelSettings
    /// The section `warmup`.
    let warmup: WarmupSettings
    /// The section `sample`.
    let sample: SampleSettings
    /// The pipeline's keys of the section `reward`.
    let reward: RewardSettings
    /// The pipeline's keys of the section `reinforce`.
    let reinforce: ReinforceSettings
    /// The section `evaluate`.
    let evaluate: EvaluateSettings
    /// The other ways to go on from some stage.
    let variants: [VariantSettings]
    /// The plugins of the section `plugins`.
    let plugins: EnabledPlugins
    /// The replaceable parts: the built-in ones and those of ``plugins``.
    let registry: ExtensionRegistry
    /// The folder against which relative paths are resolved.
    let baseFolder: String
    /// The file as it was read, with the overrides.
    let source: ConfigurationNode
    /// Every section with every default filled in.
    let resolved: ConfigurationNode
}

extension RunConfiguration {
    /// The name of the run.
    package var name: String { run.name }
    /// The run's seed.
    package var seed: UInt64 { run.seed }

    /// A section with every default filled in; nothing for a section that is not there.
    func resolved(_ section: String) -> ConfigurationValue {
        resolved[section]?.value ?? .null
    }

    /// A fresh reader over a section of the file as it was read, for making the part it names.
    func reader(_ section: String) throws -> ConfigurationReader {
        guard let node = source[section], node.value != .null else {
            return .empty(at: SourceLocation(path: source.location.path, key: section))
        }
        return try ConfigurationReader(node)
    }
}

extension ConfigurationNode {
    /// The value of a key, when this is a table that holds it.
    subscript(key: String) -> ConfigurationNode? {
        guard case .table(let entries) = value else { return nil }
        return entries.first { $0.key == key }?.node
    }
}
