import Foundation
import RefluxCore
import RefluxFiles
import Synchronization

/// Fits the members of an ensemble.
struct EnsembleTraining: Sendable {
    /// What is fitted.
    let settings: EnsembleSettings
    /// What is learnt from.
    let data: RewardTrainingData
    /// Makes the members.
    let context: BuildContext

    /// Fits all members.
    ///
    /// - Parameters:
    ///   - checkpoint: a folder for states.
    ///   - observer: told of every step.
    /// - Returns: the fitted members; those saved in the checkpoint are opened on first use.
    /// - Throws: what a member throws; ``RefluxError`` of kind `input` for states of another training.
    func fit(checkpoint: String?, observer: RunObserver) async throws -> [EnsembleMember] {
        if let checkpoint { try claim(checkpoint) }
        var members: [EnsembleMember] = []
        var steps = 0
        for (place, member) in settings.members.enumerated() {
            let folder = checkpoint.map { SavedEnsemble.folder(of: place, in: $0) }
            if let folder, let whole = try SavedMember.read(from: folder) {
                members.append(try reopened(whole, member, place, folder))
                steps += whole.steps
                continue
            }
            var made = try EnsembleMember(
                made: member.table, place: place, seed: member.seed, context)
            let counter = StepCounter()
            let data = RewardTrainingData(groups: data.groups, seed: member.seed)
            let watching = watching(observer, made.name, from: steps, counter)
            if !member.isLoaded {
                let model = made.model
                try await made.named {
                    try await model.fit(
                        data, checkpoint: folder.map { "\($0)/fit" }, observer: watching)
                }
            }
            if settings.isStandardised { made.spread = try await spread(of: made) }
            steps += counter.last
            if let folder {
                let whole = SavedMember(steps: counter.last, spread: made.spread)
                try await whole.write(made.model, to: folder)
                made = try reopened(whole, member, place, folder)
            }
            members.append(made)
        }
        return members
    }

    /// Notes whose states a folder holds, and refuses those of another training.
    private func claim(_ checkpoint: String) throws {
        let path = "\(checkpoint)/training.json"
        let ours = Claim(fingerprint: try fingerprint)
        if Files.exists(path) {
            let found = try JSONText.decode(Claim.self, from: try Files.read(path), path: path)
            guard found != ours else { return }
            throw RefluxError(
                .input, found: "a state of a training with other settings or other data",
                at: SourceLocation(path: path), wanted: "a state of this training",
                remedy: "Remove the folder to train anew.")
        }
        try Files.makeFolder(checkpoint)
        let text = try JSONText.encode(ours, pretty: true)
        try Files.writeAtomically(Data(text.utf8), to: path)
    }

    private struct Claim: Codable, Equatable { var fingerprint: String }

    private var fingerprint: String {
        get throws {
            let tables = try settings.members.map {
                "\($0.seed) " + (try JSONText.encode(SavedTable($0.table.value), pretty: false))
            }
            let standardises = "standardised \(settings.isStandardised)"
            return try RewardCheckpoint.fingerprint(
                settings: tables + [standardises], data: data)
        }
    }

    private func reopened(
        _ whole: SavedMember, _ member: EnsembleSettings.Member, _ place: Int, _ folder: String
    ) throws -> EnsembleMember {
        try EnsembleMember(
            loaded: SavedMember.model(in: folder), table: member.table, place: place,
            spread: whole.spread, context.with(seed: member.seed))
    }

    /// Where a fitted member's scores of training responses lie: the same responses for all members.
    private func spread(of member: EnsembleMember) async throws -> FeatureScale.Spread {
        let learnt = data.groups.flatMap(\.self).filter { $0.weight > 0 }
        let sample = FeatureScale.sample(of: learnt, seed: data.seed).map(\.item)
        var scores: [Double] = []
        for start in stride(from: 0, to: sample.count, by: 256) {
            try Task.checkCancellation()
            scores += try await member.score(Array(sample[start...].prefix(256)))
        }
        return FeatureScale.Spread(of: scores)
    }

    private func watching(
        _ observer: RunObserver, _ name: String, from steps: Int, _ counter: StepCounter
    ) -> RunObserver {
        var watching = observer
        watching.metrics = { step, values in
            counter.saw(step)
            let named = values.map { ("\(name).\($0.key)", $0.value) }
            observer.metrics(steps + step, Dictionary(uniqueKeysWithValues: named))
        }
        watching.note = { observer.note("\(name): \($0)") }
        return watching
    }
}

/// The last step that a member told of.
private final class StepCounter: Sendable {
    private let step = Mutex(0)

    var last: Int { step.withLock { $0 } }

    func saw(_ step: Int) { self.step.withLock { $0 = max($0, step) } }
}
