import Foundation
import RefluxCore

/// Which recorded questions a reward model is measured on and never learns from.
package enum HeldOutChoice: Sendable, Equatable, CustomStringConvertible {
    /// A fraction of the questions.
    case fraction(Double)
    /// All questions of some categories.
    case categories([String])

    /// Reads `0.2`, or `law,history`.
    ///
    /// - Throws: ``RefluxError`` of kind `usage`.
    package init(parsing text: String) throws {
        let wanted = "a fraction between 0 and 1, or categories separated by commas"
        if let number = Double(text) {
            guard number > 0, number < 1 else {
                throw RefluxError(.usage, found: "--held-out \(text)", wanted: wanted)
            }
            self = .fraction(number)
        } else {
            let names = text.split(separator: ",").map {
                $0.trimmingCharacters(in: .whitespaces)
            }.filter { !$0.isEmpty }
            guard !names.isEmpty else {
                throw RefluxError(.usage, found: "--held-out \"\(text)\"", wanted: wanted)
            }
            self = .categories(names)
        }
    }

    /// What ``init(parsing:)`` reads.
    package var description: String {
        switch self {
        case .fraction(let number): "\(number)"
        case .categories(let names): names.joined(separator: ",")
        }
    }
}
