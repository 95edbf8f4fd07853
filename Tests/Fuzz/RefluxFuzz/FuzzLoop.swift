/// Gives a target its inputs, in this process: a trap ends it, so whoever runs many inputs runs it in
/// a process of its own and notes the place.
package struct FuzzLoop {
    /// An input that breaks a property.
    package struct Finding: Codable, Sendable {
        /// The input's index.
        package var index: Int
        /// What was wrong.
        package var message: String

        /// Makes a finding.
        package init(index: Int, message: String) {
            self.index = index
            self.message = message
        }
    }

    private let target: FuzzTarget
    private let inputs: FuzzInputs

    /// The inputs of a seed.
    package init(_ target: FuzzTarget, seed: UInt64) {
        self.target = target
        inputs = FuzzInputs(target, seed: seed)
    }

    /// Checks a range of inputs.
    ///
    /// - Parameters:
    ///   - range: the indexes.
    ///   - before: called with the index before each input.
    ///   - found: called with each finding; false ends the loop.
    /// - Throws: what `before` and `found` throw.
    package func run(
        _ range: Range<Int>, before: (Int) throws -> Void = { _ in },
        found: (Finding) throws -> Bool
    ) throws {
        for index in range {
            try before(index)
            do {
                try target.check(inputs[index])
            } catch {
                let finding = Finding(index: index, message: "\(error)")
                guard try found(finding) else { return }
            }
        }
    }
}
