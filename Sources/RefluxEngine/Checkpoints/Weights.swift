import RefluxCore
import RefluxFiles

/// The weights of a model folder: one safetensors file, or several with an index.
final class Weights: WeightSource {
    private let folder: String
    /// Files whose headers have been read.
    private var opened: [String: SafetensorsFile] = [:]
    /// The file of each tensor.
    private let fileOfTensor: [String: String]

    private static let single = "model.safetensors"
    private static let index = "model.safetensors.index.json"

    private struct Index: Decodable {
        let weightMap: [String: String]

        enum CodingKeys: String, CodingKey { case weightMap = "weight_map" }
    }

    /// Finds the weights of a folder.
    ///
    /// - Throws: `RefluxError` of kind `input` when there are none that can be read.
    init(folder: String) throws {
        self.folder = folder
        let indexPath = "\(folder)/\(Self.index)"
        if Files.exists("\(folder)/\(Self.single)") {
            let file = try SafetensorsFile("\(folder)/\(Self.single)")
            fileOfTensor = Dictionary(
                uniqueKeysWithValues: file.names.map { ($0, Self.single) })
        } else if Files.exists(indexPath) {
            let map = try JSONText.decode(
                Index.self, from: Files.read(indexPath), path: indexPath
            ).weightMap
            try Self.check(map, folder: folder)
            fileOfTensor = map
        } else {
            throw RefluxError(
                .input, found: "no \(Self.single)", at: SourceLocation(path: folder),
                wanted: "weights as safetensors, in one file or with \(Self.index)",
                remedy: "Convert other formats with transformers' save_pretrained.")
        }
    }

    func read(
        _ entry: ParameterLayout.Entry, into target: UnsafeMutableBufferPointer<Float>
    ) throws {
        let file = try file(of: entry)
        try checkShape(of: entry, in: file)
        try file.read(entry.name, into: target)
    }

    func check(_ entry: ParameterLayout.Entry) throws {
        let file = try file(of: entry)
        try checkShape(of: entry, in: file)
        try file.checkType(of: entry.name)
    }

    func tensors() throws -> [TensorFacts] {
        try Set(fileOfTensor.values).sorted().flatMap { try open($0).tensors }
    }

    private func file(of entry: ParameterLayout.Entry) throws -> SafetensorsFile {
        guard let name = fileOfTensor[entry.name] else { throw missing(entry) }
        return try open(name)
    }

    private func open(_ name: String) throws -> SafetensorsFile {
        if let file = opened[name] { return file }
        let file = try SafetensorsFile("\(folder)/\(name)")
        opened[name] = file
        return file
    }

    private func checkShape(of entry: ParameterLayout.Entry, in file: SafetensorsFile) throws {
        guard let shape = file.shape(of: entry.name) else { throw missing(entry) }
        guard shape == entry.shape else {
            throw RefluxError(
                .input, found: "shape \(shape)",
                at: SourceLocation(path: file.path, key: entry.name), wanted: "\(entry.shape)",
                remedy: "config.json and the weights do not belong together.")
        }
    }

    private func missing(_ entry: ParameterLayout.Entry) -> RefluxError {
        let file =
            fileOfTensor[entry.name]
            ?? (fileOfTensor.values.contains(Self.single) ? Self.single : Self.index)
        return RefluxError(
            .input, found: "no tensor \"\(entry.name)\"",
            at: SourceLocation(path: "\(folder)/\(file)"), wanted: "one of shape \(entry.shape)",
            remedy: "config.json and the weights do not belong together, or a file is missing.")
    }

    /// Older checkpoints carry the rotary frequencies, and tied ones sometimes the head: both are
    /// known to be superfluous. Anything else is worth a word.
    func notes(_ layout: ParameterLayout) -> [String] {
        var known = Set(layout.entries.map(\.name))
        if layout.head == layout.embedding { known.insert("lm_head.weight") }
        let extra = fileOfTensor.keys.filter {
            !known.contains($0) && !$0.hasSuffix(".rotary_emb.inv_freq")
        }.sorted()
        guard let first = extra.first else { return [] }
        return ["\(folder): \(extra.count) tensors are not used, the first is \"\(first)\""]
    }

    /// The index names files inside the folder, never elsewhere.
    private static func check(_ map: [String: String], folder: String) throws {
        for file in Set(map.values).sorted() {
            let place = SourceLocation(path: "\(folder)/\(index)", key: "weight_map")
            guard !file.contains("/"), file != "..", file.hasSuffix(".safetensors") else {
                throw RefluxError(
                    .input, found: "the file \"\(file)\"", at: place,
                    wanted: "safetensors files of the same folder",
                    remedy: "Download the model again.")
            }
            guard Files.exists("\(folder)/\(file)") else {
                throw RefluxError(
                    .input, found: "the file \"\(file)\" is missing", at: place,
                    remedy: "Download the missing file.")
            }
        }
    }
}

extension ModelFolder {
    /// Reads the weights into one flat buffer of `layout.count` floats.
    ///
    /// - Returns: notes about tensors that the model does not use.
    /// - Throws: `RefluxError` of kind `input` that names the file and the tensor.
    @discardableResult
    func loadParameters(
        _ layout: ParameterLayout, into buffer: UnsafeMutableBufferPointer<Float>
    ) throws -> [String] {
        guard buffer.count == layout.count else {
            throw RefluxError(
                .internalFault, found: "a buffer of \(buffer.count) floats",
                at: SourceLocation(path: path), wanted: "\(layout.count)")
        }
        return try weights().load(layout, into: buffer)
    }

    /// Where the weights are, with the adapter added to them where there is one.
    ///
    /// - Throws: `RefluxError` of kind `input` when there are none that can be read.
    func weights() throws -> any WeightSource {
        guard let adapter else { return try bodyWeights() }
        return try MergedWeights(bodyWeights(), adapter: adapter, configuration: configuration)
    }

    /// Where the weights are, those under an adapter.
    ///
    /// - Throws: `RefluxError` of kind `input` when there are none that can be read.
    func bodyWeights() throws -> any WeightSource {
        guard GGUFFile.isFile(path) else { return try Weights(folder: path) }
        return GGUFWeights(try GGUFFile(path), configuration)
    }
}
