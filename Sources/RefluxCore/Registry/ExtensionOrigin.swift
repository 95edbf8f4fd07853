/// Who provides a part.
public enum ExtensionOrigin: Sendable, Equatable {
    /// Reflux itself.
    case builtIn
    /// The plugin of that id.
    case plugin(String)
}
