/// One test of the list that `reflux plugin check` goes through.
struct PlannedTest: Sendable, Equatable {
    /// How a test is carried out.
    enum Work: Sendable, Equatable {
        /// It says whether reading the manifest failed at this check.
        case manifest
        /// It looks at the files of the folder.
        case folder
        /// It says whether checking the library failed at this check.
        case library
        /// It says whether loading, in a child process, failed at this check.
        case load
        /// It runs in a child process of its own.
        case child
        /// It runs in two child processes whose transcripts must be equal.
        case twoChildren
    }

    /// The test's id.
    let id: String
    /// What it tests, in a line.
    let description: String
    /// How it is carried out.
    let work: Work
    /// The extension that it tests.
    var extensionID: String?
    /// Why it does not apply to the plugin.
    var skip: String?
}
