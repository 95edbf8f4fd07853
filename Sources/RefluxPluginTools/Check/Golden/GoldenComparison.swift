import RefluxCore

/// Compares what an extension gave with what a golden case expects, field by field.
struct GoldenComparison {
    /// The case.
    let number: Int
    /// The extension.
    let extensionID: String

    /// Compares texts, exactly.
    func text(_ found: String?, _ wanted: String?, at place: SourceLocation) throws {
        guard found != wanted else { return }
        throw error(
            found.map { "\"\($0)\"" } ?? "nothing", wanted.map { "\"\($0)\"" } ?? "nothing", place)
    }

    /// Compares anything that can be written, exactly.
    func value<Value: Equatable>(_ found: Value, _ wanted: Value, at place: SourceLocation) throws {
        guard found != wanted else { return }
        throw error("\(found)", "\(wanted)", place)
    }

    /// Compares two numbers with the tolerance 1e-5 relative plus 1e-6.
    func scalar(_ found: Double, _ wanted: Double, at place: SourceLocation) throws {
        guard abs(found - wanted) <= 1e-6 + 1e-5 * abs(wanted) else {
            throw error("\(found)", "\(wanted) within 1e-5 of it plus 1e-6", place)
        }
    }

    /// Compares numbers with the tolerance 1e-5 relative plus 1e-6.
    func numbers(_ found: [Double], _ wanted: [Double], at place: SourceLocation) throws {
        guard found.count == wanted.count else {
            throw error("\(found.count) numbers", "\(wanted.count) numbers", place)
        }
        for (index, (one, other)) in zip(found, wanted).enumerated() {
            var place = place
            place.key = "\(place.key ?? "").\(index)"
            try scalar(one, other, at: place)
        }
    }

    private func error(_ found: String, _ wanted: String, _ place: SourceLocation) -> RefluxError {
        RefluxError(
            .input, found: "case \(number): \(place.key ?? "the case") is \(found)",
            at: place, wanted: wanted,
            remedy: "Correct \(extensionID), or the case if it is that which is wrong.",
            check: "golden")
    }
}
