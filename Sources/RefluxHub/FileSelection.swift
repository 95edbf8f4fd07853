import RefluxCore
import RefluxFiles

/// Which files of a repository are wanted.
package enum FileSelection: Sendable, Equatable {
    /// What a model folder needs: configuration, tokenizer and safetensors weights.
    case model
    /// One file, such as a GGUF file.
    case file(String)
    /// Files whose names fit one of these patterns.
    case patterns([String])

    /// Small files that belong to a model, where they are there.
    private static let companions: Set = [
        "config.json", "generation_config.json", "tokenizer.json", "tokenizer_config.json",
        "tokenizer.model", "special_tokens_map.json", "added_tokens.json", "vocab.json",
        "merges.txt", "chat_template.jinja",
    ]
    private static let index = "model.safetensors.index.json"
    private static let whole = "model.safetensors"
    private static let shards = "model-*-of-*.safetensors"

    /// Chooses files.
    ///
    /// - Parameters:
    ///   - files: all files of the repository.
    ///   - repository: the repository, for errors.
    /// - Returns: the wanted ones, in the order of the listing.
    /// - Throws: ``RefluxError`` of kind `input` when nothing fits, or a name is unsafe.
    package func choose(from files: [HubFile], of repository: HubRepository) throws -> [HubFile] {
        let chosen =
            switch self {
            case .model: try Self.filesOfModel(files, repository)
            case .file(let name): try Self.fileNamed(name, files, repository)
            case .patterns(let patterns): try Self.fitting(patterns, files, repository)
            }
        for file in chosen { try file.checkName(in: repository) }
        guard Set(chosen.map(\.name)).count == chosen.count else {
            throw RefluxError(
                .input, found: "the repository lists a file twice",
                at: SourceLocation(path: "\(repository)"), wanted: "each file once")
        }
        return chosen
    }

    private static func filesOfModel(
        _ files: [HubFile], _ repository: HubRepository
    ) throws -> [HubFile] {
        let names = Set(files.map(\.name))
        guard names.contains(index) || names.contains(whole) else {
            throw withoutWeights(files, repository)
        }
        return files.filter { file in
            companions.contains(file.name)
                || (names.contains(index)
                    ? file.name == index
                        || !file.name.contains("/") && Files.matches(file.name, pattern: shards)
                    : file.name == whole)
        }
    }

    private static func fileNamed(
        _ name: String, _ files: [HubFile], _ repository: HubRepository
    ) throws -> [HubFile] {
        guard let file = files.first(where: { $0.name == name }) else {
            throw RefluxError(
                .input, found: "no file \"\(name)\"", at: SourceLocation(path: "\(repository)"),
                remedy: suggestion(for: name, in: files))
        }
        return [file]
    }

    private static func fitting(
        _ patterns: [String], _ files: [HubFile], _ repository: HubRepository
    ) throws -> [HubFile] {
        for pattern in patterns
        where !files.contains(where: { Files.matches($0.name, pattern: pattern) }) {
            throw RefluxError(
                .input, found: "no file fits \"\(pattern)\"",
                at: SourceLocation(path: "\(repository)"),
                remedy: suggestion(for: pattern, in: files))
        }
        return files.filter { file in
            patterns.contains { Files.matches(file.name, pattern: $0) }
        }
    }

    private static func withoutWeights(
        _ files: [HubFile], _ repository: HubRepository
    ) -> RefluxError {
        let ggufs = files.map(\.name).filter { $0.hasSuffix(".gguf") }
        let remedy =
            ggufs.isEmpty
            ? "Reflux reads safetensors and GGUF; look for another repository of this model."
            : "Choose a GGUF file with --file: \(list(ggufs))."
        return RefluxError(
            .input, found: "the repository has no \(whole) and no \(index)",
            at: SourceLocation(path: "\(repository)"), wanted: "the weights of a model",
            remedy: remedy)
    }

    private static func suggestion(for name: String, in files: [HubFile]) -> String {
        let names = files.map(\.name)
        let nearest = nearestName(to: name, in: names).map { "Did you mean \"\($0)\"? " }
        return (nearest ?? "") + "It has: \(list(names))."
    }

    private static func list(_ names: [String]) -> String {
        names.prefix(20).joined(separator: ", ") + (names.count > 20 ? ", …" : "")
    }
}
