/// What `reflux plugin check` found out about a plugin.
public struct PluginCheckReport: Sendable, Codable, Equatable {
    /// The plugin's id, or its folder's name when the manifest cannot be read.
    public var plugin: String
    /// The plugin's version; `nil` when the manifest cannot be read.
    public var version: String?
    /// The seed of the random inputs.
    public var seed: UInt64
    /// The tests in the order in which they ran.
    public var tests: [PluginTestResult]

    /// Makes a report.
    public init(plugin: String, version: String?, seed: UInt64, tests: [PluginTestResult]) {
        self.plugin = plugin
        self.version = version
        self.seed = seed
        self.tests = tests
    }

    /// 0 when no test failed, else 1.
    public var exitCode: Int32 { tests.contains { $0.status == .fail } ? 1 : 0 }

    /// The last line for people.
    public var summary: String {
        let name = version.map { "\(plugin) \($0)" } ?? plugin
        let counts = [
            (count(.ok), "ok"), (count(.fail), "failed"), (count(.skipped), "skipped"),
        ]
        let parts = counts.filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }
        return "\(name): \(parts.joined(separator: ", ")) of \(tests.count) tests (seed \(seed))"
    }

    private func count(_ status: PluginTestResult.Status) -> Int {
        tests.count { $0.status == status }
    }
}
