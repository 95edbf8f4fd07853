import RefluxCore
import RefluxFiles

/// Writes a model folder, a GGUF file, or a model with its adapter merged into the weights as a Hugging
/// Face folder: `reflux model convert`.
///
/// ```swift
/// try await ModelConversion(dtype: .bfloat16).convert("model.gguf", to: "models/mine")
/// ```
public struct ModelConversion: Sendable {
    /// How weights are stored.
    public enum ElementType: String, Sendable, Codable, CaseIterable {
        /// Rounded to bfloat16.
        case bfloat16 = "bf16"
        /// As they are read.
        case float32 = "f32"
    }

    private let dtype: ElementType

    /// Makes a conversion.
    public init(dtype: ElementType) { self.dtype = dtype }

    /// Writes a model.
    ///
    /// Tensors go through memory one by one. The folder appears once it is whole.
    ///
    /// - Parameters:
    ///   - source: the model.
    ///   - folder: where; must not exist yet.
    /// - Returns: notes about tensors that were left out.
    /// - Throws: ``RefluxError`` of kind `input` (the source), `usage` (the folder is there already)
    ///   or `system` (the disk).
    public func convert(_ source: String, to folder: String) async throws -> [String] {
        guard !Files.exists(folder) else {
            throw RefluxError(
                .usage, found: "the folder is there already", at: SourceLocation(path: folder),
                wanted: "a new folder", remedy: "Choose another name, or remove the folder.")
        }
        let model = try ModelFolder.open(Files.expand(source))
        let weights = try model.weights()
        let layout = ParameterLayout(model.configuration)
        try weights.check(layout)
        let precision: SafetensorsWriter.Precision = dtype == .float32 ? .float32 : .bfloat16
        try await Files.writeFolderAtomically(folder) { temporary in
            let special = try model.copyTokenizer(to: temporary)
            let writer = try SafetensorsWriter(
                "\(temporary)/model.safetensors",
                tensors: layout.entries.map { ($0.name, $0.shape) }, precision: precision)
            for entry in layout.entries {
                let buffer = try FloatBuffer.allocate(entry.count, for: "a tensor")
                defer { FloatBuffer.free(buffer) }
                try weights.read(entry, into: buffer)
                try writer.append(UnsafeBufferPointer(buffer))
            }
            try writer.finish()
            try ModelFolder.writeConfig(
                to: temporary, model.configuration, special, dtype: precision)
        }
        return weights.notes(layout)
    }
}
