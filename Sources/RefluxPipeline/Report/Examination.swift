import RefluxCore
package import RefluxEngine

/// What `reflux doctor` shows.
package struct Examination: Sendable {
    /// The facts.
    package let facts: MachineDescription

    /// Looks at this machine.
    package init() { facts = .current }

    /// The facts for people.
    package var text: String {
        TextTable(header: ["machine", ""], lines: lines).plain
    }

    private var lines: [[String]] {
        let sets = facts.instructionSets
        let libraries = facts.libraries.sorted { $0.key < $1.key }
        return [
            ["reflux", refluxVersion],
            ["system", "\(facts.system), \(facts.architecture)"],
            ["processor", facts.processor],
            ["instruction sets", sets.isEmpty ? "none that matter" : sets.joined(separator: ", ")],
            ["cores, threads used", "\(facts.cores), \(facts.threads)"],
            ["memory", gigabytes(facts.memory)],
            ["available memory", facts.availableMemory.map(gigabytes) ?? "unknown"],
            ["libraries", libraries.map { "\($0.key) \($0.value)" }.joined(separator: ", ")],
            ["precision auto", facts.automaticArithmetic],
            ["precision f32", facts.floatArithmetic],
            ["because", facts.reason],
        ]
    }

    private func gigabytes(_ bytes: UInt64) -> String {
        "\((Double(bytes) / 1e8).rounded() / 10) GB"
    }
}

/// The facts that a run records about its machine.
func hardwareFacts() -> [String: String] {
    let facts = MachineDescription.current
    return [
        "processor": facts.processor, "architecture": facts.architecture,
        "system": facts.system, "cores": "\(facts.cores)", "threads": "\(facts.threads)",
        "memory_bytes": "\(facts.memory)",
        "instruction_sets": facts.instructionSets.joined(separator: " "),
        "libraries": facts.libraries.sorted { $0.key < $1.key }
            .map { "\($0.key) \($0.value)" }.joined(separator: ", "),
        "arithmetic_auto": facts.automaticArithmetic,
    ]
}
