public import RefluxCore

/// Why a test of `reflux plugin check` failed: a ``RefluxError`` in parts, as JSON has it.
public struct PluginProblem: Sendable, Codable, Equatable {
    /// The id of the check that failed: one of `PluginCheck`, or the test's own.
    public var check: String
    /// What was found.
    public var found: String
    /// The file, the plugin's folder, the extension and the item, as far as they are known.
    public var place: String?
    /// What was wanted instead.
    public var wanted: String?
    /// What the author can do.
    public var remedy: String?

    enum CodingKeys: String, CodingKey {
        case check, found, wanted, remedy
        case place = "where"
    }

    /// Makes a problem.
    public init(
        check: String, found: String, place: String? = nil, wanted: String? = nil,
        remedy: String? = nil
    ) {
        self.check = check
        self.found = found
        self.place = place
        self.wanted = wanted
        self.remedy = remedy
    }

    /// The parts of an error; one without the id of a check gets that of the test.
    public init(_ error: RefluxError, test: String) {
        self.init(
            check: error.check ?? test, found: error.found, place: error.location?.description,
            wanted: error.wanted, remedy: error.remedy)
    }
}
