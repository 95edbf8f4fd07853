import RefluxCore

/// The metadata of a GGUF file by key and kind.
struct GGUFMetadata {
    let path: String
    let values: [String: GGUFValue]

    /// The metadata of a header.
    init(_ header: GGUFHeader, path: String) {
        self.path = path
        values = header.metadata
    }

    /// The value of a key, as `read` takes it; absent keys give `nil`.
    ///
    /// - Throws: `RefluxError` of kind `input` when the value is of another kind.
    func optional<T>(
        _ key: String, _ wanted: String, _ read: (GGUFValue) -> T?
    ) throws -> T? {
        guard let value = values[key] else { return nil }
        guard let result = read(value) else { throw wrong(key, value.kind, wanted) }
        return result
    }

    /// The value of a key, which must be there.
    ///
    /// - Throws: `RefluxError` of kind `input` when it is absent or of another kind.
    func required<T>(
        _ key: String, _ wanted: String, _ read: (GGUFValue) -> T?
    ) throws -> T {
        guard let value = try optional(key, wanted, read) else {
            throw wrong(key, "nothing", wanted)
        }
        return value
    }

    /// A whole number. A list of equal ones, one a layer, counts as one.
    func integer(_ key: String) throws -> Int? {
        try optional(key, "a whole number") { value in
            switch value {
            case .integer(let number): number
            case .integers(let numbers) where Set(numbers).count == 1: numbers.first
            default: nil
            }
        }
    }

    /// A number.
    func number(_ key: String) throws -> Double? {
        try optional(key, "a number") { value in
            switch value {
            case .integer(let number): Double(number)
            case .number(let number): number
            default: nil
            }
        }
    }

    /// A number as its writer meant it: 32-bit floats carry seven digits, so that 1e-5 does not
    /// arrive as 9.999999747378752e-06.
    func shortNumber(_ key: String) throws -> Double? {
        try number(key).map { Double("\(Float($0))") ?? $0 }
    }

    /// A text.
    func text(_ key: String) throws -> String? {
        try optional(key, "a text") { if case .text(let text) = $0 { text } else { nil } }
    }

    /// A truth value.
    func truth(_ key: String) throws -> Bool? {
        try optional(key, "a truth value") { if case .truth(let truth) = $0 { truth } else { nil } }
    }

    /// The error that a value is wrong.
    func wrong(
        _ key: String, _ found: String, _ wanted: String, _ remedy: String? = nil
    ) -> RefluxError {
        RefluxError(
            .input, found: found, at: SourceLocation(path: path, key: key), wanted: wanted,
            remedy: remedy ?? "Choose another file of the model.")
    }
}
