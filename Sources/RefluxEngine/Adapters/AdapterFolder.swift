import Foundation
import RefluxCore
import RefluxFiles

/// A low-rank adapter on disk, as PEFT writes it: `adapter_config.json`, which names the model under
/// it, and `adapter_model.safetensors`.
struct AdapterFolder: Sendable {
    private static let config = "adapter_config.json"
    private static let weights = "adapter_model.safetensors"

    /// The folder, as the user named it.
    let path: String
    let settings: AdapterSettings
    /// The model under the adapter.
    let base: String

    /// Whether a path is an adapter's folder.
    static func isAdapter(_ path: String) -> Bool { Files.exists("\(path)/\(config)") }

    /// Reads the configuration of an adapter.
    ///
    /// - Throws: `RefluxError` of kind `input` that names the file, the key and what was wanted.
    init(_ path: String) throws {
        let file = "\(path)/\(Self.config)"
        let config = try AdapterConfig.read(file)
        self.path = path
        settings = config.settings
        let isAbsolute = config.base.hasPrefix("/") || config.base.hasPrefix("~")
        base = Self.absolute(isAbsolute ? config.base : "\(path)/\(config.base)")
        let place = SourceLocation(path: file, key: "base_model_name_or_path")
        guard Files.exists(base) else {
            throw RefluxError(
                .input, found: "there is no model \"\(config.base)\"", at: place,
                wanted: "the model under the adapter: a folder or a GGUF file, relative to the "
                    + "adapter's folder or absolute",
                remedy: "Models are not downloaded: fetch it, and write its path there.")
        }
        guard !Self.isAdapter(base) else {
            throw RefluxError(
                .input, found: "an adapter on top of the adapter \"\(config.base)\"", at: place,
                wanted: "a model",
                remedy: "Merge the lower adapter with reflux model convert, and name the result.")
        }
    }

    /// Whether the folder holds a tokenizer of its own, which goes before that of the model.
    var hasTokenizer: Bool { Files.exists("\(path)/tokenizer.json") }

    /// Opens the file of the weights, and checks that it holds just the matrices of a layout.
    ///
    /// - Throws: `RefluxError` of kind `input` that names the file and the tensor.
    func file(_ layout: AdapterLayout) throws -> SafetensorsFile {
        guard Files.exists("\(path)/\(Self.weights)") else {
            throw RefluxError(
                .input, found: "no \(Self.weights)", at: SourceLocation(path: path),
                wanted: "an adapter's weights as safetensors",
                remedy: "Save it again with PEFT's save_pretrained.")
        }
        let file = try SafetensorsFile("\(path)/\(Self.weights)")
        for entry in layout.entries {
            guard file.shape(of: entry.name) == entry.shape else {
                throw RefluxError(
                    .input, found: file.shape(of: entry.name).map { "shape \($0)" } ?? "no tensor",
                    at: SourceLocation(path: file.path, key: entry.name), wanted: "\(entry.shape)",
                    remedy: "\(Self.config), the weights and the model under them do not belong "
                        + "together.")
            }
            try file.checkType(of: entry.name)
        }
        let known = Set(layout.entries.map(\.name))
        if let stray = file.names.first(where: { !known.contains($0) }) {
            throw RefluxError(
                .input, found: "the tensor \"\(stray)\"", at: SourceLocation(path: file.path),
                wanted: "adapters of the targets that \(Self.config) names, and nothing else",
                remedy: "Merge the adapter into its model with PEFT's merge_and_unload.")
        }
        return file
    }

    /// Writes an adapter's folder, for PEFT as well.
    ///
    /// - Parameters:
    ///   - folder: made if it is not there.
    ///   - adapter: what to write.
    ///   - base: the path of the model under it: see ``reference(to:from:)``.
    /// - Throws: `RefluxError` of kind `system` (disk full, no permission).
    static func write(to folder: String, _ adapter: LowRankAdapter, base: String) throws {
        try Files.makeFolder(folder)
        let writer = try SafetensorsWriter(
            "\(folder)/\(weights)", tensors: adapter.layout.entries.map { ($0.name, $0.shape) })
        for entry in adapter.layout.entries {
            let range = entry.offset..<entry.offset + entry.count
            try writer.append(UnsafeBufferPointer(rebasing: adapter.parameters[range]))
        }
        try writer.finish()
        let text = try JSONText.encode(
            WrittenAdapterConfig(adapter.settings, base: reference(to: base, from: folder)),
            pretty: true)
        try Files.writeAtomically(Data((text + "\n").utf8), to: "\(folder)/\(config)")
    }
}

extension AdapterFolder {
    private static func absolute(_ path: String) -> String {
        URL(fileURLWithPath: Files.expand(path)).standardizedFileURL.path
    }

    /// How an adapter names its model: relative to its folder where the model is at most three
    /// folders up, so that a run's folder can be moved with all that is in it, else absolute.
    private static func reference(to model: String, from folder: String) -> String {
        let model = absolute(model).split(separator: "/")
        let folder = absolute(folder).split(separator: "/")
        let shared = zip(model, folder).prefix { $0 == $1 }.count
        let up = folder.count - shared
        guard up <= 3, shared > 0 else { return "/" + model.joined(separator: "/") }
        return ([Substring](repeating: "..", count: up) + model[shared...]).joined(separator: "/")
    }
}

/// `adapter_config.json` as it is written: what PEFT needs to load the adapter.
private struct WrittenAdapterConfig: Encodable {
    let base: String
    let bias = "none"
    let isTransposed = false
    let isForInference = true
    let isInitialized = true
    let alpha: Double
    let dropout: Double
    let kind = "LORA"
    let rank: Int
    let targets: [AdapterSettings.Target]
    let task = "CAUSAL_LM"
    let isWeightDecomposed = false
    let isRankStabilized: Bool

    enum CodingKeys: String, CodingKey {
        case base = "base_model_name_or_path"
        case bias
        case isTransposed = "fan_in_fan_out"
        case isForInference = "inference_mode"
        case isInitialized = "init_lora_weights"
        case alpha = "lora_alpha"
        case dropout = "lora_dropout"
        case kind = "peft_type"
        case rank = "r"
        case targets = "target_modules"
        case task = "task_type"
        case isWeightDecomposed = "use_dora"
        case isRankStabilized = "use_rslora"
    }

    init(_ settings: AdapterSettings, base: String) {
        self.base = base
        alpha = settings.alpha
        dropout = settings.dropout
        rank = settings.rank
        targets = settings.targets
        isRankStabilized = settings.isRankStabilized
    }
}
