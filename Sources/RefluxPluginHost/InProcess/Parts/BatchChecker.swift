import RefluxCore

/// Checks the arrays of a batch before a plugin reads them by their counts, and the numbers that it
/// gives back.
struct BatchChecker {
    /// Whose batch it is.
    let site: CallSite
    /// Where the sequences begin.
    let offsets: [Int]
    /// The number of tokens.
    let tokens: Int

    /// Refuses offsets that do not lead through the tokens.
    func checkOffsets(sequences: Int) throws {
        guard offsets.count == sequences + 1, offsets.first == 0, offsets.last == tokens,
            zip(offsets, offsets.dropFirst()).allSatisfy({ $0 <= $1 })
        else {
            throw wrong(
                "the offsets of the batch do not fit",
                wanted: "\(sequences + 1) offsets that rise from 0 to \(tokens)")
        }
    }

    /// Refuses an array of a wrong length; `nil` for one that is not needed.
    func check(_ name: String, _ count: Int, _ wanted: Int?) throws {
        guard let wanted, count != wanted else { return }
        throw wrong("the batch has \(count) \(name)", wanted: "\(wanted)")
    }

    private func wrong(_ found: String, wanted: String) -> RefluxError {
        RefluxError(
            .internalFault, found: found, at: site.place(), wanted: wanted,
            remedy: "The batch was not made as the plugin's traits ask for.")
    }

    /// The numbers of an output buffer.
    ///
    /// - Throws: `RefluxError` of the check `call.result` for the first one that is not finite.
    func take(
        _ name: String, _ values: UnsafeMutablePointer<Float>, item: String
    ) throws -> [Float] {
        let buffer = UnsafeBufferPointer(start: values, count: tokens)
        if let index = buffer.firstIndex(where: { !$0.isFinite }) {
            throw site.error(
                .callResult, item: item,
                found: "\(name) of token \(index) \(Unset.describe(buffer[index]))",
                wanted: "a finite number")
        }
        return Array(buffer)
    }
}
