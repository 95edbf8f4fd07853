/// The shape of a low-rank adapter (LoRA: Hu et al., arXiv 2106.09685): small matrices that are
/// trained beside a model's weights, which stay as they are.
///
/// A matrix W `[outputs, inputs]` with an adapter computes `y = x Wᵀ + scale (x Aᵀ) Bᵀ` with A
/// `[rank, inputs]` and B `[outputs, rank]`. A new adapter's B is zero, so that it changes nothing.
///
/// ```yaml
/// adapter: {rank: 16, alpha: 32, targets: [q_proj, v_proj]}
/// ```
public struct AdapterSettings: Sendable, Codable, Equatable {
    /// A matrix of a layer, by the name that PEFT and `transformers` give it.
    public enum Target: String, Sendable, Codable, CaseIterable {
        /// Queries.
        case query = "q_proj"
        /// Keys.
        case key = "k_proj"
        /// Values.
        case value = "v_proj"
        /// The output of the attention.
        case output = "o_proj"
        /// The gate of the feed-forward.
        case gate = "gate_proj"
        /// The other factor of the feed-forward.
        case up = "up_proj"
        /// The output of the feed-forward.
        case down = "down_proj"
    }

    /// How many rows A and columns B have.
    public var rank: Int
    /// The numerator of the scale.
    public var alpha: Double
    /// The probability with which an input of the adapter is set to zero in training.
    public var dropout: Double
    /// The matrices of each layer that have an adapter, in the order of ``Target``.
    public var targets: [Target]
    /// Whether the scale is `alpha / sqrt(rank)` (Kalajdzievski, arXiv 2312.03732) and not
    /// `alpha / rank`.
    public var isRankStabilized: Bool

    enum CodingKeys: String, CodingKey {
        case rank, alpha, dropout, targets
        case isRankStabilized = "use_rslora"
    }

    /// Makes a shape; targets are put in order, each counted once.
    public init(
        rank: Int = 16, alpha: Double = 32, dropout: Double = 0,
        targets: [Target] = Target.allCases, isRankStabilized: Bool = false
    ) {
        self.rank = rank
        self.alpha = alpha
        self.dropout = dropout
        self.targets = Target.allCases.filter(targets.contains)
        self.isRankStabilized = isRankStabilized
    }

    /// What the product of A and B is multiplied by.
    public var scale: Double {
        alpha / (isRankStabilized ? Double(rank).squareRoot() : Double(rank))
    }

    /// Whether the numbers of one adapter fit the other: all is equal but the dropout.
    public func fits(_ other: AdapterSettings) -> Bool {
        var other = other
        other.dropout = dropout
        return self == other
    }

    /// In words, for errors and notes.
    public var words: String {
        "rank \(rank), alpha \(alpha) on \(targets.map(\.rawValue).joined(separator: ", "))"
            + (isRankStabilized ? ", rank-stabilized" : "")
    }
}

extension ConfigurationReader {
    /// An adapter's table, where there is one: `{rank, alpha, dropout, targets}`.
    ///
    /// An empty table is an adapter with every default. The resolved form is recorded.
    ///
    /// - Throws: ``RefluxError`` of kind `usage` with the key and what was wanted.
    public func adapter(_ key: String) throws -> AdapterSettings? {
        guard let node = node(key) else { return nil }
        let reader = try ConfigurationReader(node)
        let rank = try reader.int("rank", default: 16, in: 1...4096)
        let settings = AdapterSettings(
            rank: rank, alpha: try reader.double("alpha", default: Double(2 * rank), in: 0...1e6),
            dropout: try reader.double("dropout", default: 0, in: 0...0.99),
            targets: try reader.targets())
        try reader.finish()
        record(key, reader.resolved.value)
        return settings
    }

    private func targets() throws -> [AdapterSettings.Target] {
        let all = AdapterSettings.Target.allCases
        let names = try strings("targets", default: all.map(\.rawValue))
        guard !names.isEmpty else {
            throw wrong(
                "targets", wanted: "at least one of \(all.map(\.rawValue).joined(separator: ", "))")
        }
        return try names.map { name in
            guard let target = AdapterSettings.Target(rawValue: name) else {
                throw RefluxError(
                    .usage, found: "unknown target \"\(name)\"", at: place(of: "targets"),
                    remedy: suggestion(for: name, known: all.map(\.rawValue)))
            }
            return target
        }
    }
}
