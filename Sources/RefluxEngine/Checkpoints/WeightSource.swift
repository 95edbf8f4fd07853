import RefluxCore

/// Where the weights of a model come from. Belongs to one task at a time.
protocol WeightSource {
    /// Copies a parameter into memory that holds exactly its elements.
    ///
    /// - Throws: `RefluxError` of kind `input` that names the file and the tensor: missing, of
    ///   another shape, of a type that cannot be read.
    func read(
        _ entry: ParameterLayout.Entry, into target: UnsafeMutableBufferPointer<Float>) throws

    /// Checks that a parameter is there, in its shape and in a type that can be read, by the files'
    /// headers only.
    ///
    /// - Throws: as ``read(_:into:)``.
    func check(_ entry: ParameterLayout.Entry) throws

    /// Notes about tensors that the model does not use.
    func notes(_ layout: ParameterLayout) -> [String]

    /// All tensors.
    func tensors() throws -> [TensorFacts]
}

/// A tensor as its file has it.
struct TensorFacts {
    let name: String
    let type: String
    let elements: Int
    let bytes: Int
}

extension WeightSource {
    /// Copies the parameters of a layout into one flat buffer.
    ///
    /// - Returns: notes about tensors that the model does not use.
    /// - Throws: as ``read(_:into:)``.
    @discardableResult
    func load(
        _ layout: ParameterLayout, into buffer: UnsafeMutableBufferPointer<Float>
    ) throws -> [String] {
        for entry in layout.entries {
            try read(
                entry, into: .init(rebasing: buffer[entry.offset..<entry.offset + entry.count]))
        }
        return notes(layout)
    }

    /// Checks every parameter of a layout.
    ///
    /// - Throws: as ``check(_:)-(ParameterLayout.Entry)``.
    func check(_ layout: ParameterLayout) throws {
        for entry in layout.entries { try check(entry) }
    }
}
