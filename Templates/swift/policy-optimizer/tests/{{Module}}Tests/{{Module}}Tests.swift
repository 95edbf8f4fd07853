import {{Module}}
import RefluxPluginKit
import RefluxPluginTesting
import Testing

@Suite("{{title}}") struct {{Module}}Tests {
    let optimizer: MockOptimizer

    init() throws {
        optimizer = try MockHost(entry: refluxPluginEntry()).optimizer("{{id}}")
    }

    private let batch = LossBatch(
        offsets: [0, 2, 3], logProbabilities: [-1, -0.5, -2], oldLogProbabilities: [-1, -1, -2],
        advantages: [0.5, 0.5, -1], totalTokens: 6, totalSequences: 4)

    @Test("a response is compared with the other responses to its prompt")
    func baseline() throws {
        let advantages = try optimizer.advantages(
            for: RolloutBatch(
                offsets: [0, 2, 3, 4], groups: [0, 0, 1], rewards: [1, 0, 5],
                oldLogProbabilities: [-1, -1, -1, -1]))
        #expect(advantages.advantages == [0.5, 0.5, -0.5, 0])
    }

    @Test("the derivative is the one of the loss")
    func derivative() throws {
        let loss = try optimizer.loss(for: batch)
        for (given, found) in zip(loss.byLogProbability, try optimizer.differences(of: batch)) {
            #expect(abs(Double(given) - found) < 1e-5)
        }
    }

    @Test("an update in two micro-batches has the same loss as in one")
    func accumulation() throws {
        var first = batch
        first.offsets = [0, 2]
        first.logProbabilities.removeLast()
        first.oldLogProbabilities.removeLast()
        first.advantages.removeLast()
        let second = LossBatch(
            offsets: [0, 1], logProbabilities: [-2], oldLogProbabilities: [-2], advantages: [-1],
            totalTokens: 6, totalSequences: 4)
        let parts = try optimizer.loss(for: first).value + optimizer.loss(for: second).value
        #expect(abs(parts - (try optimizer.loss(for: batch).value)) < 1e-12)
    }

    @Test("an empty batch is no error")
    func empty() throws {
        let empty = RolloutBatch(offsets: [0], groups: [], rewards: [], oldLogProbabilities: [])
        #expect(try optimizer.advantages(for: empty).advantages.isEmpty)
    }
}
