import RefluxCore

/// A model repository of the hub: `OWNER/NAME`.
package struct HubRepository: Sendable, Equatable, CustomStringConvertible {
    /// Who it belongs to.
    package let owner: String
    /// Its name.
    package let name: String

    /// Reads `OWNER/NAME`.
    ///
    /// - Throws: ``RefluxError`` of kind `usage`.
    package init(parsing text: String) throws {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2, parts.allSatisfy(Self.isName) else {
            throw RefluxError(
                .usage, found: "\"\(text)\" is no repository",
                wanted: "OWNER/NAME of letters, digits, \"-\", \"_\" and \".\"",
                remedy: "Copy it from the model's page, for instance Qwen/Qwen2.5-0.5B.")
        }
        (owner, name) = (parts[0], parts[1])
    }

    /// `OWNER/NAME`
    package var description: String { "\(owner)/\(name)" }

    /// The hub's rule, which also keeps a name from leaving its place in a path.
    private static func isName(_ text: String) -> Bool {
        guard (1...96).contains(text.utf8.count), let first = text.first, let last = text.last
        else { return false }
        let isEdged = ![first, last].contains { $0 == "." || $0 == "-" }
        return isEdged && !text.contains("..")
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"),
                    UInt8(ascii: "."):
                    true
                default: false
                }
            }
    }
}
