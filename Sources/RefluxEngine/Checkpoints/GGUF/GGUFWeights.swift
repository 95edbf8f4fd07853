import RefluxCore

/// The weights of a GGUF file, under the names and in the order of a Hugging Face checkpoint.
struct GGUFWeights: WeightSource {
    private let file: GGUFFile
    private let configuration: ModelConfiguration

    /// The weights of a file.
    init(_ file: GGUFFile, _ configuration: ModelConfiguration) {
        self.file = file
        self.configuration = configuration
    }

    func check(_ entry: ParameterLayout.Entry) throws { _ = try tensor(entry) }

    func read(
        _ entry: ParameterLayout.Entry, into target: UnsafeMutableBufferPointer<Float>
    ) throws {
        try file.read(try tensor(entry), into: target)
        if configuration.family == .llama, let heads = turnedHeads(entry.name) {
            Self.separateHalves(target, heads: heads, headWidth: configuration.headWidth)
        }
    }

    func tensors() -> [TensorFacts] {
        file.header.tensors.sorted { $0.key < $1.key }.map { name, tensor in
            TensorFacts(
                name: name, type: tensor.type.name, elements: tensor.count,
                bytes: tensor.bytes.count)
        }
    }

    /// The file's name of a parameter that is there in the right shape.
    private func tensor(_ entry: ParameterLayout.Entry) throws -> String {
        let name = GGUFNames.name(of: entry.name)
        let place = SourceLocation(path: file.path, key: name)
        guard let tensor = file.header.tensors[name] else {
            throw RefluxError(
                .input, found: "no such tensor", at: place, wanted: "one of shape \(entry.shape)",
                remedy: "The file is of another kind of model, or damaged.")
        }
        guard tensor.shape == entry.shape else {
            throw RefluxError(
                .input, found: "shape \(tensor.shape)", at: place, wanted: "\(entry.shape)",
                remedy: "The file's metadata and its weights do not belong together.")
        }
        return name
    }

    private func turnedHeads(_ name: String) -> Int? {
        if name.contains(".q_proj.") { return configuration.heads }
        return name.contains(".k_proj.") ? configuration.keyValueHeads : nil
    }

    /// In files of the Llama architecture the two rows of a head that turn together lie side by
    /// side; in checkpoints one lies in the first half of the head, the other in the second.
    private static func separateHalves(
        _ matrix: UnsafeMutableBufferPointer<Float>, heads: Int, headWidth: Int
    ) {
        let columns = matrix.count / (heads * headWidth)
        let half = headWidth / 2
        for head in 0..<heads {
            let first = head * headWidth * columns
            let old = Array(matrix[first..<first + headWidth * columns])
            for row in 0..<headWidth {
                let from = (row % half * 2 + row / half) * columns
                let target = first + row * columns
                _ = UnsafeMutableBufferPointer(rebasing: matrix[target..<target + columns])
                    .update(fromContentsOf: old[from..<from + columns])
            }
        }
    }

    func notes(_ layout: ParameterLayout) -> [String] {
        var known = Set(layout.entries.map { GGUFNames.name(of: $0.name) })
        known.insert(GGUFNames.frequencyFactors)
        let extra = file.header.tensors.keys.filter { !known.contains($0) }.sorted()
        guard let first = extra.first else { return [] }
        return ["\(file.path): \(extra.count) tensors are not used, the first is \"\(first)\""]
    }
}
