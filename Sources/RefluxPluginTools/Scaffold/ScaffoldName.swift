import RefluxCore

/// The name of a new plugin: the id of the plugin and of its one extension, and what the languages
/// make of it.
public struct ScaffoldName: Sendable, Equatable {
    /// The id: words of `a-z` and `0-9`, joined by hyphens.
    public let id: String

    /// Checks a name.
    ///
    /// - Parameters:
    ///   - text: the name as the user wrote it.
    ///   - builtIns: the ids of built-in parts, which no extension may have.
    /// - Throws: `RefluxError` of kind `usage` that says what is wrong and suggests a name.
    public init(_ text: String, builtIns: [String]) throws {
        guard Self.isWellFormed(text) else {
            throw Self.error(
                found: "the name \"\(text)\"",
                wanted: "words of a-z and 0-9 joined by hyphens, at most 64 characters",
                suggestion: Self.repaired(text))
        }
        guard !builtIns.contains(text) else {
            throw Self.error(
                found: "the name \"\(text)\", which a built-in part has",
                wanted: "a name of its own", suggestion: "my-\(text)")
        }
        id = text
        guard !Self.taken.contains(module) else {
            throw Self.error(
                found: "the name \"\(text)\", whose module \"\(module)\" there is already",
                wanted: "a name of its own", suggestion: "my-\(text)")
        }
    }

    /// The name for functions and files of C and Rust: `length-bonus` is `length_bonus`.
    public var symbol: String {
        let name = id.replacing("-", with: "_")
        return startsWithDigit ? "plugin_\(name)" : name
    }

    /// The name for modules and types: `length-bonus` is `LengthBonus`.
    public var module: String {
        let name = words.map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
        return startsWithDigit ? "Plugin\(name)" : name
    }

    /// The name for people: `length-bonus` is `Length bonus`.
    public var title: String {
        let text = words.joined(separator: " ")
        return text.prefix(1).uppercased() + text.dropFirst()
    }

    private var words: [Substring] { id.split(separator: "-") }
    private var startsWithDigit: Bool { id.first?.isNumber == true }

    /// Modules that a Swift plugin imports or that come with the language.
    private static let taken: Set<String> = [
        "Swift", "Foundation", "Glibc", "Testing", "Synchronization", "RefluxPluginKit",
        "CRefluxPlugin", "Std", "Core",
    ]

    private static func isWellFormed(_ text: String) -> Bool {
        text.utf8.count <= 64
            && text.split(separator: "-", omittingEmptySubsequences: false).allSatisfy { word in
                !word.isEmpty && word.utf8.allSatisfy(isWordByte)
            }
    }

    private static func isWordByte(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
            || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    /// The nearest well-formed name: what is no letter or digit becomes a hyphen.
    private static func repaired(_ text: String) -> String {
        let words = text.lowercased().utf8.split { !isWordByte($0) }
        let name = words.map { String(Substring($0)) }.joined(separator: "-").prefix(64)
        let whole = name.hasSuffix("-") ? name.dropLast() : name
        return whole.isEmpty ? "my-plugin" : String(whole)
    }

    private static func error(found: String, wanted: String, suggestion: String) -> RefluxError {
        RefluxError(
            .usage, found: found, wanted: wanted, remedy: "Take for instance \"\(suggestion)\".")
    }
}
