import Foundation
import RefluxCore
import RefluxFiles

extension Pipeline {
    /// The runner of a variant: it borrows every stage whose fingerprint is that of the main run, and
    /// evaluates the models that are its own.
    func variantRunner(_ variant: VariantSettings, main: StageRunner) throws -> StageRunner {
        let first = try variantSession(variant, borrowing: [], models: nil)
        let own = try StageRunner.fingerprints(of: first)
        let borrowed = Set(StageID.allCases.filter { main.fingerprints[$0] == own[$0] })
        let models = ownModels(variant, borrowed: borrowed)
        let session = try variantSession(variant, borrowing: borrowed, models: models)
        if StageRunner.stages(of: session).allSatisfy({ borrowed.contains($0.id) }) {
            session.means.console.note("the variant \(variant.name) changes nothing")
        }
        try Files.makeFolder(session.run.path)
        let text = YAMLWriter.text(of: session.configuration.resolved)
        try Files.writeAtomically(Data(text.utf8), to: "\(session.run.path)/resolved.yaml")
        return try StageRunner(session)
    }

    private func variantSession(
        _ variant: VariantSettings, borrowing stages: Set<StageID>, models: [String]?
    ) throws -> RunSession {
        var variant = variant
        if let models { variant = variant.evaluating(models) }
        let main = session
        return RunSession(
            configuration: try main.configuration.variant(
                variant, runsFolder: (folder as NSString).deletingLastPathComponent,
                models: main.means.models),
            run: main.run.variant(variant.name, borrowing: stages), variant: variant.name,
            means: main.means)
    }

    /// The models that differ from those of the main run; `nil` leaves the choice of the run file,
    /// as a variant that sets how models are evaluated needs all of them.
    private func ownModels(_ variant: VariantSettings, borrowed: Set<StageID>) -> [String]? {
        guard !variant.overrides.contains(where: { $0.key.hasPrefix("evaluate") }) else {
            return nil
        }
        let models = session.configuration.evaluate.models.filter { model in
            let stage: StageID =
                switch model {
                case .teacher, .base: .prepare
                case .warmup: .warmup
                case .reinforced: .reinforce
                }
            return !borrowed.contains(stage)
        }
        return models.isEmpty ? nil : models.map(\.rawValue)
    }
}

extension VariantSettings {
    /// The same variant, evaluating some models only.
    func evaluating(_ models: [String]) -> VariantSettings {
        let place = SourceLocation(path: "variants", key: "evaluate.models")
        let list = ConfigurationNode(
            .list(models.map { ConfigurationNode(.string($0), at: place) }), at: place)
        return VariantSettings(
            name: name,
            overrides: overrides + [ConfigurationOverride(key: "evaluate.models", node: list)])
    }

    private init(name: String, overrides: [ConfigurationOverride]) {
        self.name = name
        self.overrides = overrides
    }
}

extension StageRunner {
    /// The records of the stages that are whole and not borrowed, in order.
    func wholeRecords() throws -> [StageRecord] {
        try stages.filter { !session.run.borrowed.contains($0.id) }
            .compactMap { try wholeRecord(of: $0.id) }
    }
}
