package import Foundation
import RefluxCore
import RefluxFiles

/// A revision of a repository: its commit and its files.
package struct HubListing: Sendable, Equatable {
    /// The commit that the revision names now.
    package let commit: String
    /// The files, as the hub orders them.
    package let files: [HubFile]

    /// Reads the hub's answer.
    ///
    /// Linear time; no input traps.
    ///
    /// - Parameters:
    ///   - bytes: the body of the reply.
    ///   - address: where it comes from, for errors.
    /// - Throws: ``RefluxError`` of kind `input`.
    package init(parsing bytes: Data, address: String) throws {
        let document = try JSONText.decode(Document.self, from: bytes, path: address)
        let place = SourceLocation(path: address)
        guard Self.isCommit(document.sha) else {
            throw RefluxError(
                .input, found: "\(String(document.sha.prefix(100)).debugDescription) is no commit",
                at: place,
                wanted: "a commit's hash in the field \"sha\"",
                remedy: "The server does not speak the hub's protocol: check the endpoint.")
        }
        commit = document.sha
        files = try document.siblings.map { try $0.file(at: place) }
    }

    private static func isCommit(_ text: String) -> Bool {
        (7...64).contains(text.utf8.count) && text.allSatisfy { $0.isASCII && $0.isHexDigit }
    }

    private struct Document: Decodable {
        let sha: String
        let siblings: [Sibling]
    }

    private struct Sibling: Decodable {
        let name: String
        let size: Int?
        let blob: String?
        let large: Large?

        struct Large: Decodable {
            let size: Int
            let sha256: String
        }

        enum CodingKeys: String, CodingKey {
            case name = "rfilename"
            case size
            case blob = "blobId"
            case large = "lfs"
        }

        /// A large file's blob is the pointer that git holds in its place.
        func file(at place: SourceLocation) throws -> HubFile {
            let digest =
                large.map { HubFile.Digest(sha256: $0.sha256.lowercased()) }
                ?? blob.map { HubFile.Digest(gitBlob: $0.lowercased()) } ?? nil
            guard let digest, let size = large?.size ?? size, size >= 0 else {
                throw RefluxError(
                    .input, found: "no size or no hash of the file \(name.debugDescription)",
                    at: place, wanted: "size and lfs.sha256 or blobId of every file",
                    remedy: "The server does not speak the hub's protocol: check the endpoint.")
            }
            return HubFile(name: name, size: size, digest: digest)
        }
    }
}
