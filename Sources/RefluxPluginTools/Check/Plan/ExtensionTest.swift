import RefluxPluginHost

/// The tests that extensions of every kind pass. The raw value follows `EXTENSION/` in the id.
enum ExtensionTest: String, Sendable, CaseIterable {
    case create
    case badConfiguration = "create.bad-configuration"
    case limits = "create.limits"
    case golden
    case memory
    case sameProcess = "determinism.process"
    case twoProcesses = "determinism.processes"
    case threads = "determinism.threads"
    case order = "determinism.order"
    case instances = "state.instances"
    case manyInstances = "state.memory"
    case cancellation
    case errors

    /// The tests before those of behaviour.
    static let before: [ExtensionTest] = [.create, .badConfiguration, .limits, .golden]
    /// The tests after those of behaviour.
    static let after: [ExtensionTest] = allCases.filter { !before.contains($0) }

    /// What it tests, in a line.
    var line: String {
        switch self {
        case .create: "an instance can be made with the defaults"
        case .badConfiguration: "wrong configurations are refused before they reach the plugin"
        case .limits: "every setting works, or is refused in words, at its limits"
        case .golden: "the golden cases give what they expect"
        case .memory: "nothing outside the host's buffers is written, no input is changed"
        case .sameProcess: "the same inputs give the same outputs, bit for bit, in one process"
        case .twoProcesses: "the same inputs give the same outputs, bit for bit, in two processes"
        case .threads: "four threads at once get the same outputs as one"
        case .order: "the outputs do not depend on the order of the inputs"
        case .instances: "two instances at once do not disturb each other"
        case .manyInstances: "instances that are destroyed leave no memory behind"
        case .cancellation: "a cancelled call returns within two seconds"
        case .errors: "errors come with a text"
        }
    }

    /// The test of an extension.
    func planned(for subject: PluginExtension, in manifest: PluginManifest?) -> PlannedTest {
        PlannedTest(
            id: "\(subject.id)/\(rawValue)", description: line,
            work: self == .twoProcesses ? .twoChildren : .child, extensionID: subject.id,
            skip: reasonToSkip(subject, manifest))
    }

    private func reasonToSkip(_ subject: PluginExtension, _ manifest: PluginManifest?) -> String? {
        switch self {
        case .sameProcess, .twoProcesses, .order, .instances:
            subject.isDeterministic ? nil : "the extension does not call itself deterministic"
        case .threads:
            !subject.isDeterministic
                ? "the extension does not call itself deterministic"
                : subject.concurrency == .serial
                    ? "the extension calls itself serial: the host never does it" : nil
        case .golden:
            manifest?.tests.isEmpty == true ? "the manifest lists no golden cases" : nil
        default: nil
        }
    }
}
