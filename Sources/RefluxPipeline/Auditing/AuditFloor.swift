import Foundation
import RefluxCore

/// A number below which an audit fails: `--floor label_accuracy=0.6`.
package struct AuditFloor: Sendable, Equatable {
    /// The name of the number.
    package let name: String
    /// The smallest value that passes.
    package let value: Double

    /// The numbers that may have a floor.
    static let numbers: [String: @Sendable (Audit) -> Double?] = [
        "parsed_rate": { 1 - $0.unparsedRate },
        "response_accuracy": { $0.responseAccuracy?.value },
        "label_coverage": { $0.labels.coverage },
        "label_accuracy": { $0.labels.accuracy?.value },
        "right_of_prompts": { $0.labels.rightOfPrompts?.value },
        "reward_precision": { $0.rewards.precision },
        "reward_recall": { $0.rewards.recall },
        "reward_accuracy": { $0.rewards.accuracy },
        "reward_auc": { $0.rewards.auc },
    ]

    /// Reads `name=value`.
    ///
    /// - Throws: ``RefluxError`` of kind `usage` for an unknown name or something that is no number.
    package init(parsing text: String) throws {
        let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
        guard parts.count == 2, let value = Double(parts[1]), value.isFinite else {
            throw RefluxError(
                .usage, found: "--floor \"\(text)\"", wanted: "name=number",
                remedy: "For example --floor label_accuracy=0.6.")
        }
        guard Self.numbers[parts[0]] != nil else {
            throw RefluxError(
                .usage, found: "--floor: unknown number \"\(parts[0])\"",
                remedy: suggestion(for: parts[0], known: Array(Self.numbers.keys)))
        }
        name = parts[0]
        self.value = value
    }
}

extension Audit {
    /// Refuses an audit that misses a floor.
    ///
    /// - Throws: ``RefluxError`` of kind `refused` that names every missed one.
    package func check(_ floors: [AuditFloor]) throws {
        let missed = floors.compactMap { floor -> String? in
            let found = AuditFloor.numbers[floor.name]?(self)
            guard found.map({ $0 < floor.value }) ?? true else { return nil }
            let text = found.map { String(format: "%.4f", $0) } ?? "unknown"
            return "\(floor.name) is \(text), below \(floor.value)"
        }
        guard !missed.isEmpty else { return }
        throw RefluxError(
            .refused, found: missed.joined(separator: "; "), wanted: "what --floor asks for")
    }
}
