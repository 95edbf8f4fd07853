import Foundation
import RefluxCore

/// A report whose numbers may have floors.
package protocol FlooredReport: Sendable {
    /// The numbers by name; `nil` where one is unknown.
    static var floorNumbers: [String: @Sendable (Self) -> Double?] { get }
}

/// A number below which a command fails: `--floor label_accuracy=0.6`.
package struct Floor<Report: FlooredReport>: Sendable, Equatable {
    /// The name of the number.
    package let name: String
    /// The smallest value that passes.
    package let value: Double

    /// Reads `name=value`.
    ///
    /// - Throws: ``RefluxError`` of kind `usage` for an unknown name or something that is no number.
    package init(parsing text: String) throws {
        let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
        let known = Report.floorNumbers.keys.sorted()
        guard parts.count == 2, let value = Double(parts[1]), value.isFinite else {
            throw RefluxError(
                .usage, found: "--floor \"\(text)\"", wanted: "name=number",
                remedy: "For example --floor \(known.first ?? "name")=0.6.")
        }
        guard known.contains(parts[0]) else {
            throw RefluxError(
                .usage, found: "--floor: unknown number \"\(parts[0])\"",
                remedy: suggestion(for: parts[0], known: known))
        }
        name = parts[0]
        self.value = value
    }
}

extension FlooredReport {
    /// Refuses a report that misses a floor.
    ///
    /// - Throws: ``RefluxError`` of kind `refused` that names every missed one.
    package func check(_ floors: [Floor<Self>]) throws {
        let missed = floors.compactMap { floor -> String? in
            let found = Self.floorNumbers[floor.name]?(self)
            guard found.map({ $0 < floor.value }) ?? true else { return nil }
            let text = found.map { String(format: "%.4f", $0) } ?? "unknown"
            return "\(floor.name) is \(text), below \(floor.value)"
        }
        guard !missed.isEmpty else { return }
        throw RefluxError(
            .refused, found: missed.joined(separator: "; "), wanted: "what --floor asks for")
    }
}

/// A floor of an audit.
package typealias AuditFloor = Floor<Audit>

extension Audit: FlooredReport {
    /// The numbers of the whole.
    package static let floorNumbers: [String: @Sendable (Audit) -> Double?] = [
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
}
