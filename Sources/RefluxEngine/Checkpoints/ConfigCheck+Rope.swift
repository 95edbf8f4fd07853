import RefluxCore

/// The settings of the rotary embedding: `rope_theta` and `rope_scaling`, or both together as
/// `rope_parameters` (transformers 5).
extension ConfigCheck {
    /// The base of the frequencies.
    func ropeBase() throws -> Double {
        let key = file.ropeParameters?.ropeTheta == nil ? "rope_theta" : "rope_parameters"
        let base = file.ropeParameters?.ropeTheta ?? file.ropeTheta ?? 10000
        guard base.isFinite, base >= 1 else { throw wrong(key, "\(base)", "at least 1") }
        return base
    }

    /// How the frequencies are scaled.
    func ropeScaling() throws -> RopeScaling {
        let given = [("rope_parameters", file.ropeParameters), ("rope_scaling", file.ropeScaling)]
        for (key, rope) in given {
            guard let rope else { continue }
            guard (rope.partialRotaryFactor ?? 1) == 1 else {
                throw wrong(key, "a partial rotary embedding", "partial_rotary_factor 1")
            }
            let scaling = try scaling(rope, key)
            if scaling != .none { return scaling }
        }
        return .none
    }

    private func scaling(_ rope: ConfigFile.Rope, _ key: String) throws -> RopeScaling {
        switch rope.ropeType ?? rope.type ?? "default" {
        case "default": return .none
        case "linear": return .linear(factor: try factor(rope.factor, "\(key).factor"))
        case "llama3":
            let low = try factor(rope.lowFactor, "\(key).low_freq_factor", least: 1e-3)
            let high = try factor(rope.highFactor, "\(key).high_freq_factor", least: 1e-3)
            guard low < high else {
                throw wrong(
                    "\(key).high_freq_factor", "\(high)", "more than low_freq_factor (\(low))")
            }
            return .llama3(
                .init(
                    factor: try factor(rope.factor, "\(key).factor"), lowFactor: low,
                    highFactor: high,
                    context: try bounded(
                        "\(key).original_max_position_embeddings", rope.originalPositions ?? 0,
                        1...1 << 24)))
        case let type:
            throw wrong(
                key, "rotary scaling of type \"\(type)\"", "default, linear or llama3",
                "Choose a model without this scaling, or remove it if you stay within the context "
                    + "of pretraining.")
        }
    }

    private func factor(_ value: Double?, _ key: String, least: Double = 1) throws -> Double {
        guard let value, value.isFinite, value >= least, value <= 1e6 else {
            throw wrong(
                key, value.map { "\($0)" } ?? "no number", "a number from \(least) to 1000000.0")
        }
        return value
    }
}
