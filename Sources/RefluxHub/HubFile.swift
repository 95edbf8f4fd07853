import RefluxCore
import RefluxFiles

/// A file of a repository, as the hub lists it.
package struct HubFile: Sendable, Equatable, Codable {
    /// What its content must hash to.
    package enum Digest: Sendable, Equatable, Codable, CustomStringConvertible {
        /// A large file (git LFS): SHA-256 of the content.
        case sha256(String)
        /// A small file: git's name of the content.
        case gitBlob(String)

        /// The hash in hexadecimal.
        var hexadecimal: String {
            switch self {
            case .sha256(let hash), .gitBlob(let hash): hash
            }
        }

        /// `sha256:…` or `git-blob:…`
        package var description: String {
            switch self {
            case .sha256(let hash): "sha256:\(hash)"
            case .gitBlob(let hash): "git-blob:\(hash)"
            }
        }

        /// Reads what ``description`` writes; `nil` for anything else.
        init?(parsing text: String) {
            let parts = text.split(separator: ":", maxSplits: 1).map(String.init)
            guard parts.count == 2 else { return nil }
            switch parts[0] {
            case "sha256": self.init(sha256: parts[1])
            case "git-blob": self.init(gitBlob: parts[1])
            default: return nil
            }
        }

        /// A SHA-256, if the text is one.
        init?(sha256 text: String) {
            guard Self.isHash(text, digits: 64) else { return nil }
            self = .sha256(text)
        }

        /// A SHA-1, if the text is one.
        init?(gitBlob text: String) {
            guard Self.isHash(text, digits: 40) else { return nil }
            self = .gitBlob(text)
        }

        /// Reads the text of ``description``.
        package init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            let text = try container.decode(String.self)
            guard let digest = Digest(parsing: text) else {
                throw DecodingError.dataCorruptedError(
                    in: container, debugDescription: "\"\(text.prefix(100))\" is no hash")
            }
            self = digest
        }

        /// Writes the text of ``description``.
        package func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            try container.encode(description)
        }

        private static func isHash(_ text: String, digits: Int) -> Bool {
            text.utf8.count == digits
                && text.utf8.allSatisfy {
                    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
                        || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains($0)
                }
        }
    }

    /// Its path inside of the repository.
    package let name: String
    /// Its bytes.
    package let size: Int
    /// What it hashes to.
    package let digest: Digest

    /// Whether a file on this disk is this one: size first, then the hash of all of it.
    ///
    /// - Throws: ``RefluxError`` when it cannot be read.
    func isContent(of path: String) throws -> Bool {
        guard try Files.size(ofFile: path) == size else { return false }
        return switch digest {
        case .sha256(let hash): try Files.sha256(ofFile: path) == hash
        case .gitBlob(let hash): try Files.gitBlobName(ofFile: path) == hash
        }
    }

    /// Refuses names that would leave the folder, or that stand for something else in it.
    ///
    /// - Throws: ``RefluxError`` of kind `input`.
    func checkName(in repository: HubRepository) throws {
        let isSafe =
            Files.parts(of: name).allSatisfy { !["", ".", ".."].contains($0) }
            && name.utf8.first != UInt8(ascii: "~")
            && name.unicodeScalars.allSatisfy {
                $0 != "\\" && $0.properties.generalCategory != .control
            }
        guard isSafe, !name.hasSuffix(PullRecord.partSuffix), name != PullRecord.fileName else {
            throw RefluxError(
                .input, found: "the repository lists a file with the name \(name.debugDescription)",
                at: SourceLocation(path: "\(repository)"),
                wanted: "names that stay inside of the model's folder",
                remedy: "Nothing was downloaded. Choose files with --include, or another "
                    + "repository.")
        }
    }
}
