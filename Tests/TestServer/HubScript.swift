package import Foundation
import RefluxFiles

/// The hub and its content network, each a server on this machine, with one repository
/// `owner/tiny`: large files are redirected to the network, which knows ranges.
package final class HubScript: Sendable {
    /// Decides in place of a server; `nil` leaves it to the server.
    package typealias Fault =
        @Sendable (_ number: Int, _ request: ScriptedServer.Request) -> ScriptedServer.Action?

    /// The commit of every revision.
    package static let commit = "0123456789abcdef0123456789abcdef01234567"
    /// The tag by which the network knows its contents.
    package static let tag = "\"network-1\""

    /// The hub.
    package let hub: ScriptedServer
    /// The content network.
    package let network: ScriptedServer

    private init(
        _ files: [String: Data], large: Set<String>, hubFault: @escaping Fault,
        networkFault: @escaping Fault
    ) async throws {
        let network = try await ScriptedServer { number, request in
            if let action = networkFault(number, request) { return action }
            let name = String(request.path.dropFirst().prefix { $0 != "?" })
            return files[name].map { Self.content($0, request) } ?? .reply(404, "no such object")
        }
        let listing = try Self.listing(files, large: large)
        let names = try files.mapValues(Self.gitBlobName)
        let address = network.origin
        hub = try await ScriptedServer { number, request in
            if let action = hubFault(number, request) { return action }
            if request.path.hasPrefix("/api/models/owner/tiny/revision/") {
                return .reply(200, listing)
            }
            let prefix = "/owner/tiny/resolve/\(Self.commit)/"
            guard request.path.hasPrefix(prefix) else {
                return .reply(404, "", ["x-error-code": "RepoNotFound"])
            }
            let name = String(request.path.dropFirst(prefix.count))
            guard let data = files[name] else {
                return .reply(404, "", ["x-error-code": "EntryNotFound"])
            }
            guard large.contains(name) else {
                return .bytes(200, data, ["etag": "\"\(names[name] ?? "")\""])
            }
            return .reply(
                302, "",
                [
                    "location": "\(address)/\(name)?signature=a%2Fb",
                    "x-linked-etag": "\"\(Files.sha256(of: data))\"",
                ])
        }
        self.network = network
    }

    /// Runs something against the two servers and stops them.
    ///
    /// - Parameters:
    ///   - files: the contents by name.
    ///   - large: the names of those that the network holds.
    ///   - hub: faults of the hub.
    ///   - network: faults of the network.
    ///   - body: what is run.
    /// - Returns: what `body` returns.
    /// - Throws: what `body` throws.
    package static func serving<Value>(
        _ files: [String: Data], large: Set<String>, hub: @escaping Fault = { _, _ in nil },
        network: @escaping Fault = { _, _ in nil },
        _ body: (HubScript) async throws -> Value
    ) async throws -> Value {
        let script = try await HubScript(
            files, large: large, hubFault: hub, networkFault: network)
        do {
            let value = try await body(script)
            try await script.stop()
            return value
        } catch {
            try await script.stop()
            throw error
        }
    }

    private func stop() async throws {
        try await hub.stop()
        try await network.stop()
    }

    /// What the network replies: everything, or the range that is asked for.
    package static func content(
        _ data: Data, _ request: ScriptedServer.Request, tag: String = HubScript.tag,
        cut: Int = 0
    ) -> ScriptedServer.Action {
        let start = start(of: request, tag: tag)
        let rest = data.dropFirst(start)
        var headers = ["etag": tag]
        if start > 0 {
            headers["content-range"] = "bytes \(start)-\(data.count - 1)/\(data.count)"
        }
        return .part(
            start > 0 ? 206 : 200, Data(rest.dropLast(cut)), missing: cut, headers)
    }

    /// Where a request wants to begin; a tag that does not fit makes it begin at 0.
    private static func start(of request: ScriptedServer.Request, tag: String) -> Int {
        guard let range = request.headers["range"], range.hasPrefix("bytes="),
            range.hasSuffix("-"), (request.headers["if-range"] ?? tag) == tag
        else { return 0 }
        return Int(range.dropFirst(6).dropLast()) ?? 0
    }

    /// The hub's list of some files.
    package static func listing(_ files: [String: Data], large: Set<String>) throws -> String {
        let siblings = try files.sorted { $0.key < $1.key }.map { name, data in
            var entry: [String: Any] = [
                "rfilename": name, "size": data.count, "blobId": try gitBlobName(data),
            ]
            if large.contains(name) {
                entry["lfs"] = [
                    "sha256": Files.sha256(of: data), "size": data.count, "pointerSize": 135,
                ]
            }
            return entry
        }
        let reply: [String: Any] = [
            "id": "owner/tiny", "sha": commit, "gated": false, "siblings": siblings,
        ]
        return String(
            decoding: try JSONSerialization.data(withJSONObject: reply), as: UTF8.self)
    }

    private static func gitBlobName(_ data: Data) throws -> String {
        let path = FileManager.default.temporaryDirectory
            .appending(path: "reflux-blob-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        try data.write(to: URL(filePath: path))
        return try Files.gitBlobName(ofFile: path)
    }
}
