/// How one test of `reflux plugin check` ended.
public struct PluginTestResult: Sendable, Codable, Equatable {
    /// How a test ends.
    public enum Status: String, Sendable, Codable {
        /// The plugin does what is wanted.
        case ok
        /// It does not.
        case fail
        /// The test could not say anything, or does not apply.
        case skipped
    }

    /// The test's id, for instance `load.agreement` or `length-bonus/determinism.processes`.
    public var id: String
    /// How it ended.
    public var status: Status
    /// What it tests, in a line.
    public var description: String
    /// How long it took.
    public var seconds: Double
    /// Why it was skipped.
    public var reason: String?
    /// Why it failed.
    public var error: PluginProblem?
    /// The command that runs this test alone in the same way; failures only.
    public var reproduce: String?

    /// Makes a result.
    public init(
        id: String, status: Status, description: String, seconds: Double = 0,
        reason: String? = nil, error: PluginProblem? = nil, reproduce: String? = nil
    ) {
        self.id = id
        self.status = status
        self.description = description
        self.seconds = seconds
        self.reason = reason
        self.error = error
        self.reproduce = reproduce
    }
}
