import RefluxCore
import RefluxPluginHost

extension ChildTest {
    /// Twice with one instance, once with another.
    func checkSameProcess<E: Exercise>(_ exercise: E) async throws {
        let part = try exercise.make(bench)
        let first = try await exercise.transcript(from: part)
        try compare(
            await exercise.transcript(from: part), first, check: "determinism.process",
            whose: "what the same instance gave before",
            remedy: "Keep nothing between calls; draw random numbers from random_words.")
        try compare(
            await exercise.transcript(from: try exercise.make(bench)), first,
            check: "determinism.process", whose: "what another instance gave",
            remedy: "Let nothing depend on addresses, clocks or global variables.")
    }

    /// From four threads at once.
    func checkThreads<E: Exercise>(_ exercise: E) async throws {
        let part = try exercise.make(bench)
        let alone = try await exercise.transcript(from: part)
        let together = try await withThrowingTaskGroup(of: [String].self) { tasks in
            for turn in 0..<4 {
                let inputs = Array(0..<exercise.inputCount)
                let order = turn % 2 == 0 ? inputs : inputs.reversed()
                tasks.addTask { try await exercise.transcript(from: part, order: order) }
            }
            return try await tasks.reduce(into: []) { $0.append($1) }
        }
        for transcript in together {
            try compare(
                transcript, alone, check: "determinism.threads", whose: "what one thread gets",
                remedy: "Share nothing that changes between calls, or say that it is serial.")
        }
    }

    /// In the opposite order.
    func checkOrder<E: Exercise>(_ exercise: E) async throws {
        let straight = try await exercise.transcript(from: try exercise.make(bench))
        let order = Array((0..<exercise.inputCount).reversed())
        let backwards = try await exercise.transcript(from: try exercise.make(bench), order: order)
        try compare(
            backwards, straight, check: "determinism.order", whose: "what it gives in order",
            remedy: "Keep nothing between calls; key random numbers by the item, not by a count.")
    }

    /// Two instances that take turns with different inputs.
    func checkInstances<E: Exercise>(_ exercise: E) async throws {
        let alone = try await exercise.transcript(from: try exercise.make(bench))
        let (one, other) = (try exercise.make(bench), try exercise.make(bench))
        let count = exercise.inputCount
        var transcripts = [alone, alone]
        for input in 0..<count {
            transcripts[0][input] = try await exercise.outcome(of: input, from: one).text
            let second = count - 1 - input
            transcripts[1][second] = try await exercise.outcome(of: second, from: other).text
        }
        for transcript in transcripts {
            try compare(
                transcript, alone, check: "state.instances",
                whose: "what an instance alone gives",
                remedy: "Keep what an instance knows in the instance, not in global variables.")
        }
    }
}
