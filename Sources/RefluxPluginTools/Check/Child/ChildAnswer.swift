/// What a test's child process has to say; crosses as JSON in a file.
struct ChildAnswer: Sendable, Codable, Equatable {
    /// Why the test failed.
    var problem: PluginProblem?
    /// Why the test could not say anything.
    var skipped: String?
    /// What came of the inputs, where the checker compares processes.
    var transcript: [String] = []
}
