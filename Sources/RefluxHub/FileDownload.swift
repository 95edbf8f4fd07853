import Foundation
import RefluxCore
import RefluxFiles
import RefluxNetwork

/// Brings one file: goes on with a part, checks what came, and gives it its name.
///
/// One task at a time.
final class FileDownload {
    private let client: HubClient
    private let repository: HubRepository
    private let commit: String
    private let file: HubFile
    private let part: PartFile
    /// Told of the bytes that are there.
    private let received: (Int) -> Void
    /// Told of the tag by which the server of the part knows the content.
    private let tagged: (String?) throws -> Void
    private var tag: String?

    /// Prepares a file.
    ///
    /// - Parameters:
    ///   - file: the file.
    ///   - path: where it belongs; its folder must exist.
    ///   - repository: where it comes from.
    ///   - commit: its revision.
    ///   - client: asks.
    ///   - tag: what an earlier call was told by the server of the part that is there.
    ///   - received: told of the bytes that are there.
    ///   - tagged: told when the server of the part gives another tag.
    /// - Throws: ``RefluxError`` when the part cannot be written.
    init(
        _ file: HubFile, to path: String, from repository: HubRepository, commit: String,
        client: HubClient, tag: String?, received: @escaping (Int) -> Void,
        tagged: @escaping (String?) throws -> Void
    ) throws {
        self.client = client
        self.repository = repository
        self.commit = commit
        self.file = file
        self.tag = tag
        self.received = received
        self.tagged = tagged
        part = try PartFile(of: path)
    }

    /// Brings the file.
    ///
    /// - Parameter random: the random numbers of pauses.
    /// - Returns: the bytes that were downloaded for it by this call.
    /// - Throws: ``RefluxError``; `CancellationError`, after which the part stays.
    func run(random: RandomKey) async throws -> Int {
        var bytes = 0
        for isLast in [false, true] {
            if part.size > file.size { try part.restart() }
            bytes += try await client.retrying(file.name, random: random) { try await fetch() }
            if try file.isContent(of: part.partPath) {
                try part.finish()
                return bytes
            }
            // A damaged part, a crash of the machine, or a server that sends something else.
            try part.restart()
            guard !isLast else { break }
        }
        throw RefluxError(
            .input, found: "the content of \(file.name) is not the one that the hub lists",
            at: SourceLocation(path: "\(client.endpoint.address)/\(repository)"),
            wanted: file.digest.description,
            remedy: "It was downloaded twice and dropped. A proxy or a mirror may change it: try "
                + "another network or endpoint.")
    }

    /// Asks for what is missing.
    ///
    /// - Returns: the bytes that came.
    /// - Throws: `HubClient.PassingFailure` and what ends the download.
    private func fetch() async throws -> Int {
        guard part.size < file.size else { return 0 }
        let reply = try await client.open(
            client.endpoint.file(file.name, of: repository, commit: commit),
            headers: [("accept-encoding", "identity")] + rangeHeaders)
        try checkAnnouncement(reply.announced)
        switch reply.stream.status {
        case 200: try part.restart()
        case 206: try checkRange(of: reply.stream)
        case 416:
            try part.restart()
            throw HubClient.PassingFailure(reason: "the server does not know the rest of it")
        default:
            throw await client.failure(of: reply, wanted: .file(file.name), in: repository)
        }
        let newTag = reply.stream[header: "etag"]
        if newTag != tag {
            tag = newTag
            try tagged(newTag)
        }
        return try await receive(reply.stream)
    }

    private func receive(_ stream: ServerConnection.Stream) async throws -> Int {
        let start = part.size
        do {
            try await stream.forEach { bytes in
                guard part.size + bytes.count <= file.size else {
                    try part.restart()
                    throw HubClient.PassingFailure(
                        reason: "the server sends more than the \(file.size) bytes of the list")
                }
                try part.append(bytes)
                received(part.size)
            }
        } catch let failure as ServerConnection.Failure {
            throw HubClient.PassingFailure(
                reason: failure.words, madeProgress: part.size > start)
        }
        guard part.size == file.size else {
            throw HubClient.PassingFailure(
                reason: "the server sent \(part.size) of \(file.size) bytes",
                madeProgress: part.size > start)
        }
        return part.size - start
    }

    /// The rest alone, and only if the content is still the same (RFC 9110, 13.1.5 and 14.2). Tags
    /// that say "weak" do not promise equal bytes.
    private var rangeHeaders: [(String, String)] {
        guard part.size > 0 else { return [] }
        let range = ("range", "bytes=\(part.size)-")
        guard let tag, !tag.hasPrefix("W/") else { return [range] }
        return [range, ("if-range", tag)]
    }

    private func checkRange(of stream: ServerConnection.Stream) throws {
        let range = stream[header: "content-range"] ?? "nothing"
        let isRest = range == "bytes \(part.size)-\(file.size - 1)/\(file.size)"
        let newTag = stream[header: "etag"]
        let isSame = tag == nil || newTag == nil || tag == newTag
        guard isRest, isSame else {
            try part.restart()
            throw HubClient.PassingFailure(
                reason: isRest
                    ? "the file changed on its server"
                    : "the server sends another piece than the rest (\(range.prefix(100)))")
        }
    }

    /// The endpoint says the hash of what it hands out; another one than in the list is told before
    /// anything is downloaded.
    private func checkAnnouncement(_ announced: String?) throws {
        guard let announced, announced.utf8.count == file.digest.hexadecimal.utf8.count,
            announced.allSatisfy(\.isHexDigit), announced.lowercased() != file.digest.hexadecimal
        else { return }
        throw RefluxError(
            .input, found: "the hub hands out \(file.name) with the hash \(announced)",
            at: SourceLocation(path: "\(client.endpoint.address)/\(repository)"),
            wanted: "\(file.digest.hexadecimal), which it lists",
            remedy: "The repository may be changing now: call the command again later.")
    }
}
