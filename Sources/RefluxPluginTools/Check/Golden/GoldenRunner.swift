import RefluxCore
import RefluxPluginHost

/// Carries out the golden cases of one extension.
struct GoldenRunner {
    let bench: Bench
    let configurations: Configurations

    /// Carries out all cases.
    ///
    /// - Returns: how many there were.
    /// - Throws: `RefluxError` of the first case that fails.
    func run() async throws -> Int {
        let cases = try GoldenFile.cases(of: bench.manifest)
            .filter { $0.extensionID == bench.subject.id }
        for one in cases {
            let configuration = try configurations.whole(one.configuration)
            let comparison = GoldenComparison(number: one.number, extensionID: one.extensionID)
            let reader = try GoldenReader(one.content)
            do {
                try await run(
                    reader, comparison, bench.with(configuration: configuration))
                try reader.finish()
            } catch var error as RefluxError where error.check != "golden" {
                error.found = "case \(one.number): \(error.found)"
                throw error
            }
        }
        return cases.count
    }

    private func run(_ reader: GoldenReader, _ compare: GoldenComparison, _ bench: Bench)
        async throws
    {
        switch bench.subject.kind {
        case .pseudoRewardRule: try await runRule(reader, compare, bench)
        case .policyOptimizer: try runOptimizer(reader, compare, bench)
        case .taskEvaluator: try runTask(reader, compare, bench)
        case .teacherSource: try await runTeacher(reader, compare, bench)
        case .rewardModel: try await runRewardModel(reader, compare, bench)
        }
    }
}
