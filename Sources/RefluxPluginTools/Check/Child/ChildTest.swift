import RefluxCore
import RefluxPluginHost

/// One test of an extension in the process that was started for it.
struct ChildTest: Sendable {
    let bench: Bench
    let configurations: Configurations
    /// The part of the test's id behind `EXTENSION/`.
    let name: String

    /// Carries the test out.
    ///
    /// - Returns: what came of the inputs, where processes are compared, or why nothing could be
    ///   said.
    /// - Throws: `RefluxError` when the plugin fails.
    func run() async throws -> ChildAnswer {
        try await run(bench.exercise)
    }

    private func run<E: Exercise>(_ exercise: E) async throws -> ChildAnswer {
        if let behaviour = exercise.behaviours.first(where: { "behaviour.\($0.id)" == name }) {
            try await behaviour.body(try exercise.make(bench), bench)
            return ChildAnswer()
        }
        switch ExtensionTest(rawValue: name) {
        case .create: try checkCreation(exercise)
        case .badConfiguration: try checkBadConfigurations()
        case .limits: try await checkLimits(exercise)
        case .golden: return try await golden()
        case .memory: try await checkMemory(exercise)
        case .sameProcess: try await checkSameProcess(exercise)
        case .twoProcesses:
            return ChildAnswer(
                transcript: try await exercise.transcript(from: try exercise.make(bench)))
        case .threads: try await checkThreads(exercise)
        case .order: try await checkOrder(exercise)
        case .instances: try await checkInstances(exercise)
        case .manyInstances: try await checkManyInstances(exercise)
        case .cancellation: try await checkCancellation(exercise)
        case .errors: try await checkErrors(exercise)
        case nil: throw RefluxError(.internalFault, found: "no test \"\(name)\"")
        }
        return ChildAnswer()
    }

    private func golden() async throws -> ChildAnswer {
        let count = try await GoldenRunner(bench: bench, configurations: configurations).run()
        return ChildAnswer(skipped: count == 0 ? "no golden case tries the extension" : nil)
    }

    /// A difference between two transcripts as an error.
    func compare(
        _ found: [String], _ wanted: [String], check: String, whose: String, remedy: String
    ) throws {
        guard let input = found.indices.first(where: { found[$0] != wanted[$0] }) else { return }
        throw bench.failure(
            check, found: "input \(input) gave \(shortened(found[input], against: wanted[input]))",
            wanted: "\(whose): \(shortened(wanted[input], against: found[input]))", remedy: remedy,
            item: "input \(input)")
    }
}

/// The neighbourhood of the first difference, where a text is long.
func shortened(_ text: String, against other: String) -> String {
    guard text.count > 160 else { return text }
    let same = zip(text, other).prefix { $0 == $1 }.count
    let start = max(0, same - 40)
    let part = text.dropFirst(start).prefix(120)
    return (start > 0 ? "…" : "") + part + (start + part.count < text.count ? "…" : "")
}
