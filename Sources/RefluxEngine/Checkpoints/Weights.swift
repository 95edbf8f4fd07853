import RefluxCore
import RefluxFiles

/// The weights of a model folder: one safetensors file, or several with an index.
struct Weights {
    private let folder: String
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

    /// Copies the parameters of a layout into one flat buffer.
    ///
    /// - Returns: notes about tensors that the model does not use.
    /// - Throws: `RefluxError` of kind `input` that names the file and the tensor: missing, or of
    ///   another shape.
    func load(
        _ layout: ParameterLayout, into buffer: UnsafeMutableBufferPointer<Float>
    ) throws -> [String] {
        try forEach(layout) { entry, file in
            let range = entry.offset..<entry.offset + entry.count
            try file.read(entry.name, into: .init(rebasing: buffer[range]))
        }
        return notes(layout)
    }

    /// Checks that every parameter of a layout is there, in its shape and in a type that can be
    /// read. Reads the files' headers only.
    ///
    /// - Throws: as ``load(_:into:)``.
    func check(_ layout: ParameterLayout) throws {
        try forEach(layout) { entry, file in try file.checkType(of: entry.name) }
    }

    /// Calls a function with every parameter and the file that holds it in the right shape.
    private func forEach(
        _ layout: ParameterLayout, _ body: (ParameterLayout.Entry, SafetensorsFile) throws -> Void
    ) throws {
        var files: [String: [ParameterLayout.Entry]] = [:]
        for entry in layout.entries {
            guard let file = fileOfTensor[entry.name] else { throw missing(entry) }
            files[file, default: []].append(entry)
        }
        for (name, entries) in files.sorted(by: { $0.key < $1.key }) {
            let file = try SafetensorsFile("\(folder)/\(name)")
            for entry in entries {
                try checkShape(of: entry, in: file)
                try body(entry, file)
            }
        }
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
    private func notes(_ layout: ParameterLayout) -> [String] {
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
        return try Weights(folder: path).load(layout, into: buffer)
    }
}
