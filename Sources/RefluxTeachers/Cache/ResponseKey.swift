import Foundation
import RefluxFiles

/// What determines one answer of a server: the place in a ``ResponseCache`` where it is kept.
///
/// Two requests have the same key where, and only where, everything that was sent and everything
/// that tells their samples apart is the same. The key is the SHA-256 of a JSON text with sorted
/// keys; the text is kept beside the answer, so that anybody can look up what was asked.
///
/// ```swift
/// let key = try ResponseKey(
///     server: "http://127.0.0.1:8000/v1", path: "chat/completions", model: "qwen",
///     body: body, seed: plan.seed, sample: 3)
/// ```
public struct ResponseKey: Sendable, Hashable {
    /// The server's base address, as the user gave it.
    public let server: String
    /// The model that was asked for.
    public let model: String
    /// Everything that determines the answer, as JSON with sorted keys.
    public let request: String
    /// The SHA-256 of ``request`` in lower-case hexadecimal.
    public let digest: String

    /// Describes one sample.
    ///
    /// - Parameters:
    ///   - server: the base address, without user name, password or key.
    ///   - path: what is asked there, for instance `chat/completions`.
    ///   - model: the model.
    ///   - body: the body of a request for this sample alone: prompt or messages, every sampling
    ///     parameter, stop texts and whatever else is sent. Values that another sample of the
    ///     same prompt shares belong here; how many samples one request asks for does not.
    ///   - seed: the run's seed, which counts even where the server is sent none.
    ///   - sample: the sample's number over the whole plan.
    /// - Throws: `RefluxError` of kind `internalFault` when the body cannot be written as JSON.
    public init(
        server: String, path: String, model: String, body: some Encodable, seed: UInt64, sample: Int
    ) throws {
        self.server = server
        self.model = model
        request = try JSONText.encode(
            Request(
                server: server, path: path, model: model, body: body, seed: seed, sample: sample),
            pretty: false)
        digest = Files.sha256(of: Data(request.utf8))
    }

    private struct Request<Body: Encodable>: Encodable {
        let server: String
        let path: String
        let model: String
        let body: Body
        let seed: UInt64
        let sample: Int
    }
}
