package import Foundation
package import RefluxCore

/// A server that speaks the hub's protocol: huggingface.co or a mirror.
package struct HubEndpoint: Sendable, Equatable {
    /// huggingface.co.
    package static let standard = "https://huggingface.co"

    /// The address, without a slash at its end.
    package let address: String
    /// The host, for messages.
    package let host: String
    private let origin: Origin

    /// Reads an address.
    ///
    /// - Parameters:
    ///   - text: for instance `https://huggingface.co`.
    ///   - place: where it was given.
    /// - Throws: ``RefluxError`` of kind `usage`.
    package init(parsing text: String, at place: SourceLocation) throws {
        var address = text.trimmingCharacters(in: .whitespaces)
        while address.hasSuffix("/") { address.removeLast() }
        guard let url = URL(string: address, encodingInvalidCharacters: false),
            let origin = Origin(url), url.query() == nil, url.fragment() == nil, url.user() == nil
        else {
            throw RefluxError(
                .usage, found: "\"\(text)\" is no address of a server", at: place,
                wanted: "an address such as \(Self.standard)")
        }
        (self.address, self.origin, host) = (address, origin, origin.host)
    }

    /// Whether an address is of this server: the same scheme, host and port.
    package func holds(_ url: URL) -> Bool { Origin(url) == origin }

    /// The address of the list of a revision's files.
    func listing(of repository: HubRepository, revision: String) -> String {
        "\(address)/api/models/\(repository)/revision/\(Self.escaped(revision))?blobs=true"
    }

    /// The address of a file.
    func file(_ name: String, of repository: HubRepository, commit: String) -> String {
        let path = name.split(separator: "/").map { Self.escaped(String($0)) }
        return "\(address)/\(repository)/resolve/\(Self.escaped(commit))/"
            + path.joined(separator: "/")
    }

    /// A part of a path with everything but unreserved characters (RFC 3986, 2.3) as `%XX`.
    private static func escaped(_ text: String) -> String {
        text.addingPercentEncoding(withAllowedCharacters: unreserved) ?? text
    }

    private static let unreserved = CharacterSet(
        charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
}

/// Scheme, host and port of an address (RFC 6454, 4).
private struct Origin: Sendable, Equatable {
    let scheme: String
    let host: String
    let port: Int

    init?(_ url: URL) {
        guard let scheme = url.scheme?.lowercased(), ["http", "https"].contains(scheme),
            let host = url.host()?.lowercased(), !host.isEmpty
        else { return nil }
        self.scheme = scheme
        self.host = host
        port = url.port ?? (scheme == "https" ? 443 : 80)
    }
}
