public import RefluxCore
import RefluxFiles

/// Opens Hugging Face model folders, GGUF files and PEFT's adapter folders with the engine that computes
/// on this machine's processor.
///
/// ```swift
/// let engine = try await NativeEngineProvider().open("models/smollm2-135m", options: .init())
/// ```
///
/// Engines of one provider share its threads; their calls run one after another. They also share the
/// weights of a model that none of them trains: frozen ones, and those that train an adapter.
public struct NativeEngineProvider: LanguageModelProvider {
    /// What multiplies matrices.
    public enum MatrixLibrary: String, Sendable, Codable, CaseIterable {
        /// OpenBLAS: 32-bit floats, on any processor.
        case openBLAS = "openblas"
        /// oneDNN: 32-bit floats and bfloat16.
        case oneDNN = "onednn"
        /// The engine's own kernels: 32-bit floats and bfloat16, on processors with AVX-512.
        case own = "reflux"
    }

    /// `native`
    public let name = "native"
    private let library: MatrixLibrary?
    private let pool: ComputePool
    private let bodies = FrozenBodies()

    /// Makes a provider.
    ///
    /// - Parameters:
    ///   - threads: how many threads compute; `nil` takes as many as this process has cores.
    ///   - library: the library that multiplies matrices; `nil` takes the one that suits the
    ///     processor.
    public init(threads: Int? = nil, library: MatrixLibrary? = nil) {
        self.library = library
        pool = threads.map { ComputePool(threads: $0) } ?? .shared
    }

    /// Opens a model folder, a GGUF file or an adapter's folder.
    ///
    /// Reads all weights, unless another engine shares them: seconds for a large model. A frozen
    /// model takes about 6 bytes a parameter in bf16 and 5 in int8, a trainable one 20 and the
    /// activations of a batch; one that trains an adapter 8, and 20 for each number of the adapter.
    ///
    /// - Throws: ``RefluxError``: kind `input` names the file and what is wrong with it, `usage` a
    ///   precision that the library lacks, `system` a lack of memory.
    public func open(
        _ path: String, options: ModelOptions
    ) async throws -> any LanguageModelEngine {
        try NativeEngine(
            path, options: options, bodies: bodies,
            library: library.flatMap { Arithmetic.Library(rawValue: $0.rawValue) }, pool: pool)
    }

    /// Looks at a model folder or a GGUF file: configuration, tokenizer, and name, shape and type of
    /// every tensor.
    ///
    /// Reads all but the weights themselves: up to a second, for the tokenizer.
    ///
    /// - Throws: ``RefluxError`` of kind `input` that names the file and what is wrong with it.
    public func check(_ path: String) throws {
        let folder = try ModelFolder.open(Files.expand(path))
        try folder.weights().check(ParameterLayout(folder.configuration))
    }

    /// The model under an adapter, where the path is an adapter's folder.
    ///
    /// - Throws: ``RefluxError`` of kind `input` that names the file and what is wrong with it.
    public func models(under path: String) throws -> [String] {
        let path = Files.expand(path)
        return AdapterFolder.isAdapter(path) ? [try AdapterFolder(path).base] : []
    }

    /// The tokenizer of a model folder or a GGUF file, without its weights.
    ///
    /// - Throws: ``RefluxError`` of kind `input` that names the file and what is wrong with it.
    public func tokenizer(_ path: String) throws -> any Tokenizer {
        try ModelFolder.open(Files.expand(path)).tokenizer
    }
}
