import Foundation
import RefluxCore
import RefluxNetwork

extension HubClient {
    /// What was asked for.
    enum Wanted {
        /// The list of a revision's files.
        case revision(String)
        /// A file.
        case file(String)
    }

    /// The error of a reply that is not what was asked for.
    ///
    /// - Returns: a ``PassingFailure`` or a ``RefluxError``.
    func failure(
        of reply: Reply, wanted: Wanted, in repository: HubRepository
    ) async -> any Error {
        let (stream, status) = (reply.stream, reply.stream.status)
        let message = await message(of: stream)
        let words = "status \(status)" + (message.isEmpty ? "" : ": \(message)")
        if RetryPolicy.isPassing(status) {
            let wait = stream[header: "retry-after"].flatMap {
                RetryPolicy.seconds(retryAfter: $0, now: Date())
            }
            return PassingFailure(reason: words, wait: wait)
        }
        // Addresses of a content network are signed for a time; the endpoint gives new ones.
        if !reply.isOfEndpoint, [401, 403, 404, 410].contains(status) {
            return PassingFailure(reason: "the file's address is no longer valid (\(words))")
        }
        let place = SourceLocation(path: "\(endpoint.address)/\(repository)")
        switch (stream[header: "x-error-code"] ?? "", status) {
        case ("GatedRepo", _), ("", 403):
            return RefluxError(
                .input, found: "access to this repository is restricted (\(words))", at: place,
                remedy: gateRemedy(repository))
        case ("RevisionNotFound", _):
            return missingRevision(wanted, at: place)
        case ("EntryNotFound", _):
            return missingFile(wanted, at: place)
        case (_, 401):
            return unauthorised(words, at: place)
        case (_, 404):
            return RefluxError(
                .input, found: "there is no such repository (\(words))", at: place,
                remedy: "Check the spelling. A private repository is shown only to a token that "
                    + "may read it.")
        default:
            return RefluxError(
                .input, found: words, at: place,
                remedy: "Look at the repository's page, or try another endpoint.")
        }
    }

    /// The server cannot be reached at all.
    func unreachable(_ reason: String) -> RefluxError {
        RefluxError(
            .system, found: "\(endpoint.host) cannot be reached: \(reason)",
            at: SourceLocation(path: endpoint.address),
            remedy: "Check the network. Where the hub is not reachable, name a mirror with "
                + "--endpoint or HF_ENDPOINT, or copy the model's files to this machine by hand.")
    }

    /// It did not work, as often as it was tried.
    func exhausted(_ failure: PassingFailure, what: String, attempts: Int) -> RefluxError {
        RefluxError(
            .system, found: "\(what): \(failure.reason); it was asked for \(attempts) times",
            at: SourceLocation(path: endpoint.address),
            remedy: "Call the command again later: it goes on where it stopped.")
    }

    /// A redirect that cannot be followed.
    func redirected(to address: String) -> RefluxError {
        RefluxError(
            .input, found: "the server redirects to \(address.prefix(200))",
            at: SourceLocation(path: endpoint.address),
            wanted: "an address with https, or with http where the endpoint has it",
            remedy: "Check the endpoint.")
    }

    private func message(of stream: ServerConnection.Stream) async -> String {
        var text = stream[header: "x-error-message"] ?? ""
        if text.isEmpty, let body = try? await stream.collect() {
            // Pages of HTML say nothing in a line.
            let isPage = body.first { $0 > 0x20 } == UInt8(ascii: "<")
            text = isPage ? "" : ServerFailure(parsing: body).message
        }
        return token.map { text.replacing($0, with: "[the token]") } ?? text
    }

    private func gateRemedy(_ repository: HubRepository) -> String {
        let page = "\(endpoint.address)/\(repository)"
        return token == nil
            ? "Accept its conditions at \(page), and put a token of that account into the "
                + "environment variable HF_TOKEN."
            : "Accept its conditions at \(page) with the account of the token, and see that the "
                + "token may read gated repositories."
    }

    private func unauthorised(_ words: String, at place: SourceLocation) -> RefluxError {
        RefluxError(
            .input,
            found: token == nil
                ? "the hub shows no such repository without a token (\(words))"
                : "the hub refuses the token (\(words))",
            at: place,
            remedy: token == nil
                ? "Check the spelling. A private or gated repository needs a token in the "
                    + "environment variable HF_TOKEN."
                : "Check the token, and whether it may read this repository.")
    }

    private func missingRevision(_ wanted: Wanted, at place: SourceLocation) -> RefluxError {
        guard case .revision(let revision) = wanted else { return missingFile(wanted, at: place) }
        return RefluxError(
            .input, found: "there is no revision \"\(revision)\"", at: place,
            wanted: "a branch, a tag or a commit",
            remedy: "Leave --revision out for the newest files of the branch main.")
    }

    private func missingFile(_ wanted: Wanted, at place: SourceLocation) -> RefluxError {
        guard case .file(let name) = wanted else {
            return RefluxError(.input, found: "there is no such revision", at: place)
        }
        return RefluxError(
            .input, found: "the file \(name) is listed, but not there", at: place,
            remedy: "Call the command again; if it stays so, choose another --revision.")
    }
}
