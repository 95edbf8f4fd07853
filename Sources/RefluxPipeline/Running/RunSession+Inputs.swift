import Foundation
import RefluxCore
import RefluxFiles

extension RunSession {
    /// Reads the datasets and looks at the model folders that the run and its variants are given, so
    /// that a wrong one is told before anything is written or removed.
    ///
    /// Models that only whole stages read are not looked at again.
    ///
    /// - Throws: ``RefluxError`` of kind `input` that names the file and what is wrong with it.
    func checkInputs() throws {
        var known: Set<String> = []
        for session in [self] + (try configuration.variants.map(session)) {
            try session.checkOwnInputs(known: &known)
        }
    }

    private func checkOwnInputs(known: inout Set<String>) throws {
        let stages = StageRunner.stages(of: self)
        let models = try stages.map { try ($0.id, $0.inputs(context(for: $0.id)).models) }
        // A missing folder has a better error than its missing files.
        for path in models.flatMap(\.1) where !Files.exists(path) { try means.models.check(path) }
        let runner = try StageRunner(self)
        for (stage, paths) in models where try runner.wholeRecord(of: stage) == nil {
            for path in paths where known.insert(path).inserted { try means.models.check(path) }
        }
    }

    private func session(of variant: VariantSettings) throws -> RunSession {
        RunSession(
            configuration: try configuration.variant(
                variant, runsFolder: (run.path as NSString).deletingLastPathComponent,
                models: means.models),
            run: run.variant(variant.name, borrowing: []), variant: variant.name, means: means)
    }
}
