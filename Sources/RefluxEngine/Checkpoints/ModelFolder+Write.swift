import Foundation
import RefluxCore
import RefluxFiles

extension ModelFolder {
    /// Files that are taken over as they are when they exist.
    private static let tokenizerFiles = [
        "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json",
        "vocab.json", "merges.txt", "chat_template.jinja", "generation_config.json",
    ]

    /// Writes a model folder that `transformers` loads.
    ///
    /// Each file appears whole; `config.json` is the last one. Callers that replace a folder write
    /// into a temporary one (`Files.writeFolderAtomically`).
    ///
    /// - Parameters:
    ///   - folder: made if it is not there.
    ///   - configuration: the model's shape.
    ///   - layout: where each parameter lies in `parameters`.
    ///   - parameters: all parameters.
    ///   - source: the folder or GGUF file from which the tokenizer, the generation defaults and the special
    ///     ids of `config.json` are taken.
    ///   - dtype: how weights are stored.
    /// - Throws: `RefluxError` of kind `system` (disk full, no permission) or `input` (`source`).
    static func write(
        to folder: String, configuration: ModelConfiguration, layout: ParameterLayout,
        parameters: UnsafeBufferPointer<Float>, copyingTokenizerFrom source: String,
        dtype: SafetensorsWriter.Precision
    ) throws {
        try Files.makeFolder(folder)
        let special = try copyTokenizer(from: source, to: folder)
        try writeWeights(to: folder, layout: layout, parameters: parameters, dtype: dtype)
        try writeConfig(to: folder, configuration, special, dtype: dtype)
    }

    /// Copies the tokenizer of this model, its adapter's where that has one, and the generation
    /// defaults.
    ///
    /// - Returns: the special ids of the model.
    func copyTokenizer(to folder: String) throws -> SpecialIDs {
        let special = try Self.copyTokenizer(from: path, to: folder)
        if let adapter, adapter.hasTokenizer {
            try Self.copyTokenizerFiles(from: adapter.path, to: folder)
        }
        return special
    }

    /// Copies the tokenizer's files, as far as they are there.
    static func copyTokenizerFiles(from source: String, to folder: String) throws {
        for file in tokenizerFiles where Files.exists("\(source)/\(file)") {
            try Files.writeAtomically(Files.read("\(source)/\(file)"), to: "\(folder)/\(file)")
        }
    }

    /// Copies the tokenizer's files and the generation defaults, or writes those of a GGUF file.
    ///
    /// - Returns: the special ids of the source.
    static func copyTokenizer(from source: String, to folder: String) throws -> SpecialIDs {
        if GGUFFile.isFile(source) { return try GGUFTokenizer(GGUFFile(source)).write(to: folder) }
        try copyTokenizerFiles(from: source, to: folder)
        let config = "\(source)/config.json"
        return try JSONText.decode(SpecialIDs.self, from: Files.read(config), path: config)
    }

    /// Writes `model.safetensors`.
    static func writeWeights(
        to folder: String, layout: ParameterLayout, parameters: UnsafeBufferPointer<Float>,
        dtype: SafetensorsWriter.Precision
    ) throws {
        let writer = try SafetensorsWriter(
            "\(folder)/model.safetensors", tensors: layout.entries.map { ($0.name, $0.shape) },
            precision: dtype)
        for entry in layout.entries {
            let range = entry.offset..<entry.offset + entry.count
            try writer.append(UnsafeBufferPointer(rebasing: parameters[range]))
        }
        try writer.finish()
    }

    /// Writes `config.json`.
    static func writeConfig(
        to folder: String, _ configuration: ModelConfiguration, _ special: SpecialIDs,
        dtype: SafetensorsWriter.Precision
    ) throws {
        let file = WrittenConfig(configuration, special, dtype: dtype)
        try Files.writeAtomically(
            Data((try JSONText.encode(file, pretty: true) + "\n").utf8),
            to: "\(folder)/config.json")
    }
}

/// The special ids of `config.json`, which the engine does not interpret but hands on.
struct SpecialIDs: Codable, Sendable {
    var begin: TokenIDs?
    var end: TokenIDs?
    var padding: TokenIDs?

    enum CodingKeys: String, CodingKey {
        case begin = "bos_token_id"
        case end = "eos_token_id"
        case padding = "pad_token_id"
    }
}
