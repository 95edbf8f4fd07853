/// What an extension is: for the manifest, for `reflux plugin show`, and for the run file.
public struct About: Sendable {
    /// Whether the functions of one instance may be called from several threads at once.
    public enum Concurrency: Sendable {
        /// One call at a time.
        case serial
        /// Several at once.
        case parallel
    }

    /// What is promised about the behaviour.
    public enum Stability: Sendable {
        /// It may change with every version.
        case experimental
        /// It keeps its meaning within the plugin's major version.
        case stable
    }

    /// The name by which run files use it: lower-case letters, digits and hyphens.
    public var id: String
    /// One line.
    public var title: String
    /// A paragraph.
    public var description: String
    /// The settings, in the order in which they are shown.
    public var settings: [Setting]
    /// Whether the functions of one instance may be called from several threads at once.
    public var concurrency: Concurrency
    /// Whether equal inputs give equal outputs, bit for bit, in every process. Beware of the order
    /// of `Set` and `Dictionary`, which differs between processes.
    public var isDeterministic: Bool
    /// What is promised about the behaviour.
    public var stability: Stability

    /// Makes a description. Everything can be called from several threads and is deterministic unless
    /// said otherwise: extensions are values without mutable state.
    public init(
        id: String, title: String, description: String, settings: [Setting] = [],
        concurrency: Concurrency = .parallel, isDeterministic: Bool = true,
        stability: Stability = .experimental
    ) {
        self.id = id
        self.title = title
        self.description = description
        self.settings = settings
        self.concurrency = concurrency
        self.isDeterministic = isDeterministic
        self.stability = stability
    }
}
