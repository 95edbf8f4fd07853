import Foundation
import RefluxCore
package import RefluxEngine
import RefluxFiles
package import RefluxHub

/// Downloads a model and looks whether it can be used: `reflux model pull`.
package struct ModelPull: Sendable {
    /// What is there now.
    package struct Outcome: Sendable, Encodable {
        /// What was downloaded.
        package let pull: HubPull.Result
        /// What the model is; absent where chosen files are no whole model.
        package let model: ModelSummary?
    }

    /// The environment variable of the endpoint.
    package static let endpointVariable = "HF_ENDPOINT"
    /// The environment variable of the token, where no other is named.
    package static let tokenVariable = "HF_TOKEN"

    private let repository: HubRepository
    private let revision: String
    private let selection: FileSelection
    private let folder: String
    private let endpoint: HubEndpoint
    private let token: String?

    /// Reads the options.
    ///
    /// - Parameters:
    ///   - repository: `OWNER/NAME`.
    ///   - revision: a branch, a tag or a commit.
    ///   - selection: the files.
    ///   - folder: where they go; `nil` is `models/NAME`.
    ///   - endpoint: the server; `nil` takes that of the environment, or huggingface.co.
    ///   - tokenVariable: the environment variable of the token; `nil` is `HF_TOKEN`, which may be
    ///     missing.
    ///   - environment: the environment.
    /// - Throws: ``RefluxError`` of kind `usage`.
    package init(
        _ repository: String, revision: String, selection: FileSelection, folder: String?,
        endpoint: String?, tokenVariable: String?,
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws {
        self.repository = try HubRepository(parsing: repository)
        self.revision = revision
        self.selection = selection
        self.folder = folder ?? "models/\(self.repository.name)"
        let given = environment[Self.endpointVariable].flatMap { $0.isEmpty ? nil : $0 }
        self.endpoint = try HubEndpoint(
            parsing: endpoint ?? given ?? HubEndpoint.standard,
            at: SourceLocation(path: endpoint == nil ? Self.endpointVariable : "--endpoint"))
        token = try Self.token(tokenVariable, environment: environment)
    }

    /// Downloads what is missing, and reads everything of the model but its weights.
    ///
    /// - Throws: ``RefluxError``: see `HubPull.run`; of kind `input` for a model that cannot be used.
    package func run(console: Console) async throws -> Outcome {
        let label = "\(repository)"
        let pull = HubPull(
            repository, revision: revision, selection: selection, to: Files.expand(folder),
            endpoint: endpoint, token: token,
            observer: RunObserver(
                progress: { console.progress(label, done: $0, total: $1, unit: $2) },
                note: { console.note($0) }))
        let choice = try await pull.choose()
        try Files.makeFolder(folder)
        let lock = try RunLock(
            folder: Files.expand(folder), name: ".reflux-pull.lock", kind: "model folder",
            remedy: "name another folder with --output")
        defer {
            console.endProgress()
            withExtendedLifetime(lock) {}
        }
        let result = try await pull.run(choice)
        return Outcome(pull: result, model: try summary(of: result, console: console))
    }

    private func summary(of result: HubPull.Result, console: Console) throws -> ModelSummary? {
        let weights = result.files.map(\.name).filter { $0.hasSuffix(".gguf") }
        let isFolder = result.files.contains { $0.name == "config.json" }
        if weights.count == 1, !isFolder {
            return try ModelSummary.read("\(folder)/\(weights[0])")
        }
        guard isFolder, result.files.contains(where: { $0.name.hasSuffix(".safetensors") }) else {
            console.note("these files are no whole model; none was looked at")
            return nil
        }
        return try ModelSummary.read(folder)
    }

    private static func token(
        _ name: String?, environment: [String: String]
    ) throws -> String? {
        let value = environment[name ?? tokenVariable]?
            .trimmingCharacters(in: .whitespacesAndNewlines)
        if let value, !value.isEmpty {
            guard value.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
                throw RefluxError(
                    .usage,
                    found: "the environment variable \(name ?? tokenVariable) holds characters "
                        + "that no token has", wanted: "a token of the hub")
            }
            return value
        }
        guard let name else { return nil }
        throw RefluxError(
            .usage, found: "the environment variable \(name) is not set",
            at: SourceLocation(path: "--token-env"), wanted: "a token of the hub",
            remedy: "For instance: export \(name)=…, in the shell that runs reflux.")
    }
}

extension ModelPull.Outcome {
    /// What is there, for people.
    package var text: String { model?.text ?? pull.folder }
}
