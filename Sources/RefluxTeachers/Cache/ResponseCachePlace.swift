public import Foundation
public import RefluxCore

/// Where a teacher's answers are kept: the value of its key `cache`.
public enum ResponseCachePlace: Sendable, Equatable {
    /// In the file of this user, which all runs share (``standardPath``).
    case standard
    /// In a file of its own.
    case path(String)
    /// Nowhere: whatever is asked is asked again.
    case none

    /// Reads the key `cache`: `true` (which is the default), `false` or a path.
    ///
    /// - Throws: ``RefluxError`` of kind `usage` for anything else.
    public init(_ reader: ConfigurationReader, context: BuildContext) throws {
        switch reader.node("cache")?.value {
        case nil, .bool(true):
            self = .standard
            reader.record("cache", .bool(true))
        case .bool(false):
            self = .none
            reader.record("cache", .bool(false))
        case .string(let path) where !path.isEmpty:
            self = .path(context.resolve(path))
            reader.record("cache", .string(path))
        default:
            throw reader.wrong("cache", wanted: "the path of a file, true or false")
        }
    }

    /// The file, or `nil`.
    public var file: String? {
        switch self {
        case .standard: Self.standardPath()
        case .path(let path): path
        case .none: nil
        }
    }

    /// `reflux/responses.sqlite` in `XDG_CACHE_HOME`, or in `~/.cache` where that is not set to an
    /// absolute path (XDG Base Directory Specification 0.8).
    public static func standardPath(
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) -> String {
        let given = environment["XDG_CACHE_HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil }
        return "\(given ?? "~/.cache")/reflux/responses.sqlite"
    }
}
