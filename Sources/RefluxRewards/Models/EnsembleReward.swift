public import RefluxCore
import RefluxFiles

/// Several reward models as one: the mean of their scores minus their disagreement, so that a response
/// that only some of them like scores less than one that all like equally (Coste et al., arXiv
/// 2310.02743, who subtract the variance).
///
///     u_k = (z_k - m_k) / d_k
///     z   = m + d (mean_k u_k - lambda * deviation_k u_k)
///
/// m_k and d_k are the mean and the deviation of member k's scores of at most 1,024 training
/// responses, measured after its fit; m and d are their means over the members. So members of
/// different kinds, whose scores mean different things, count alike, and the ensemble's scores lie
/// where its members' do. Without standardising, m_k = 0 and d_k = 1. The deviation over the members
/// is without Bessel's correction.
///
/// The members are any reward models, those of plugins too. They are fitted one after the other; with
/// a checkpoint folder a fitted member is saved there and opened again frozen, so that one body at a
/// time has gradients in memory.
///
/// **Errors.** What a member throws, with its place and id. **Threads.** As ``LanguageModelReward``.
public actor EnsembleReward: RewardModel {
    /// Where the model comes from.
    private enum Origin {
        /// Members that are still to be fitted.
        case members(EnsembleSettings)
        /// A folder written by ``save(to:)``.
        case saved(String)
    }

    private let origin: Origin
    private let context: BuildContext
    private var members: [EnsembleMember]?
    private var lambda = 1.0

    /// Makes a model of members that are to be fitted.
    init(settings: EnsembleSettings, context: BuildContext) {
        origin = .members(settings)
        self.context = context
        lambda = settings.lambda
    }

    /// Loads a saved model on first use.
    init(saved folder: String, context: BuildContext) {
        origin = .saved(context.resolve(folder))
        self.context = context
    }

    /// Fits the members, one after the other. A member that a checkpoint holds whole is not fitted
    /// again; one that was interrupted goes on.
    ///
    /// Metrics of a step are those of the member at work, as `member0.loss`; steps count on over the
    /// members.
    ///
    /// - Parameters:
    ///   - data: the labelled responses of the training prompts; each member has its own seed.
    ///   - checkpoint: a folder for states; it holds `ensemble.json` and a folder a member.
    ///   - observer: told of every step.
    /// - Throws: what a member throws, ``RefluxError`` of kind `refused` for a loaded ensemble.
    public func fit(
        _ data: RewardTrainingData, checkpoint: String?, observer: RunObserver
    ) async throws {
        guard case .members(let settings) = origin else {
            throw RefluxError(
                .refused, found: "a loaded ensemble was to be trained",
                wanted: "one that is made of members",
                remedy: "Give \"members\" instead of \"load\".")
        }
        members = nil
        members = try await EnsembleTraining(settings: settings, data: data, context: context)
            .fit(checkpoint: checkpoint, observer: observer)
    }

    /// Asks all members, one after the other.
    public func score(_ items: [ScoringItem]) async throws -> [Double] {
        guard !items.isEmpty else { return [] }
        let members = try opened()
        var scores: [[Double]] = []
        for member in members { scores.append(try await member.score(items)) }
        let spreads = members.map(\.spread)
        return items.indices.map { item in
            Self.combine(scores.map { $0[item] }, spreads: spreads, lambda: lambda)
        }
    }

    /// Saves `ensemble.json` and every member in a folder of its own.
    public func save(to folder: String) async throws {
        let members = try opened()
        for (place, member) in members.enumerated() {
            let path = SavedEnsemble.folder(of: place, in: folder)
            try Files.makeFolder(path)
            try await member.model.save(to: path)
        }
        try SavedEnsemble(
            lambda: lambda,
            members: members.map { .init(table: SavedTable($0.table.value), spread: $0.spread) }
        ).write(to: folder)
    }

    /// One score of the members' scores of a response.
    static func combine(
        _ scores: [Double], spreads: [FeatureScale.Spread], lambda: Double
    ) -> Double {
        let count = Double(scores.count)
        let standardised = zip(scores, spreads).map { ($0 - $1.mean) / $1.deviation }
        let mean = standardised.reduce(0, +) / count
        let squares = standardised.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        let pessimistic = mean - lambda * (squares / count).squareRoot()
        return spreads.reduce(0) { $0 + $1.mean } / count
            + spreads.reduce(0) { $0 + $1.deviation } / count * pessimistic
    }

    private func opened() throws -> [EnsembleMember] {
        if let members { return members }
        let opened: [EnsembleMember]
        switch origin {
        case .members(let settings):
            opened = try settings.members.enumerated().map { place, member in
                try EnsembleMember(made: member.table, place: place, seed: member.seed, context)
            }
        case .saved(let folder):
            let saved = try SavedEnsemble.read(from: folder)
            lambda = saved.lambda
            opened = try saved.members.enumerated().map { place, member in
                try EnsembleMember(
                    loaded: SavedEnsemble.folder(of: place, in: folder),
                    table: member.table.node(at: SavedEnsemble.place(in: folder)), place: place,
                    spread: member.spread, context)
            }
        }
        members = opened
        return opened
    }
}
