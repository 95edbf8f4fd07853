import RefluxFiles

extension ScalarHead {
    private static let file = "head.safetensors"

    /// Writes the head beside an exported model.
    ///
    /// - Throws: `RefluxError` of kind `system` when the disk is full.
    func write(to folder: String) throws {
        try SafetensorsWriter.write(
            [
                ("head.weight", [width], Array(parameters.prefix(width))),
                ("head.bias", [1], [parameters[width]]),
            ], to: "\(folder)/\(Self.file)")
    }

    /// Takes over a head that was exported beside a model, if there is one.
    ///
    /// - Throws: `RefluxError` of kind `input` when the file is damaged or of another width.
    func loadIfPresent(from folder: String) throws {
        let path = "\(folder)/\(Self.file)"
        guard Files.exists(path) else { return }
        let file = try SafetensorsFile(path)
        try file.read("head.weight", into: .init(rebasing: parameters[..<width]))
        try file.read("head.bias", into: .init(rebasing: parameters[width...]))
    }
}
