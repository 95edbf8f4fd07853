import RefluxCore

extension ConfigurationReader {
    /// Reads a nested table wholly: its stray keys are refused and its resolved form is recorded.
    func nested<Value>(
        _ key: String, _ read: (ConfigurationReader) throws -> Value
    ) throws -> Value {
        let reader = try table(key)
        let value = try read(reader)
        try reader.finish()
        record(key, reader.resolved.value)
        return value
    }
}
