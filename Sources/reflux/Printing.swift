import RefluxFiles

/// Prints a result for people or as JSON.
func printResult(_ value: some Encodable, text: String, asJSON: Bool) throws {
    print(asJSON ? try JSONText.encode(value, pretty: true) : text)
}
