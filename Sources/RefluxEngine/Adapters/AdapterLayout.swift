import RefluxCore

/// Where each matrix of a low-rank adapter lies in one flat buffer of floats.
///
/// Names are those of PEFT's files. The A's of matrices that are one product (q, k and v; gate and up)
/// lie side by side, so that their products with the input are one as well.
struct AdapterLayout: Sendable, Equatable {
    /// The products of a layer that may have an adapter.
    enum Product: Int, Sendable, CaseIterable {
        /// q, k and v.
        case projection
        /// The attention's output.
        case output
        /// gate and up.
        case gateUp
        /// The feed-forward's output.
        case down

        /// The matrices that are one product, in the order of its outputs.
        var targets: [AdapterSettings.Target] {
            switch self {
            case .projection: [.query, .key, .value]
            case .output: [.output]
            case .gateUp: [.gate, .up]
            case .down: [.down]
            }
        }
    }

    /// The adapter of one matrix of a product.
    struct Part: Sendable, Equatable {
        /// The outputs of the product that belong to the matrix.
        let outputs: Range<Int>
        /// B: `[outputs, rank]`
        let up: Int
    }

    /// The adapter of one product.
    struct Place: Sendable, Equatable {
        let outputs: Int
        let inputs: Int
        /// The rank of each part.
        let rank: Int
        /// The A's of the parts: `[parts * rank, inputs]`
        let down: Int
        /// The matrices that have an adapter, by outputs.
        let parts: [Part]
        /// A number that no other product of the model has.
        let site: Int

        /// The ranks of all parts together.
        var ranks: Int { rank * parts.count }
    }

    /// All matrices, by offset.
    let entries: [ParameterLayout.Entry]
    /// The places by layer and ``Product``.
    let layers: [[Place?]]
    /// All elements.
    let count: Int

    /// Lays out the adapter of a model.
    init(_ configuration: ModelConfiguration, _ settings: AdapterSettings) {
        var builder = Builder(settings: settings)
        layers = (0..<configuration.layers).map { layer in
            Product.allCases.map { builder.add($0, layer, configuration) }
        }
        entries = builder.entries
        count = builder.count
    }

    /// The name of A (`lora_A`) or B (`lora_B`) in PEFT's files, from that of the weights.
    static func name(_ factor: String, of weight: String) -> String {
        "base_model.model.\(weight.dropLast(".weight".count)).\(factor).weight"
    }
}

extension AdapterLayout {
    private struct Builder {
        let settings: AdapterSettings
        var entries: [ParameterLayout.Entry] = []
        var count = 0

        private mutating func add(_ name: String, _ shape: [Int]) -> Int {
            let entry = ParameterLayout.Entry(name: name, shape: shape, offset: count)
            entries.append(entry)
            count += entry.count
            return entry.offset
        }

        mutating func add(
            _ product: Product, _ layer: Int, _ c: ModelConfiguration
        ) -> Place? {
            let inputs = c.inputs(of: product)
            var outputs = 0
            var found: [(weight: String, outputs: Range<Int>)] = []
            for target in product.targets {
                let range = outputs..<outputs + c.outputs(of: target)
                outputs = range.upperBound
                guard settings.targets.contains(target) else { continue }
                let block = product == .projection || product == .output ? "self_attn" : "mlp"
                found.append(("model.layers.\(layer).\(block).\(target.rawValue).weight", range))
            }
            guard !found.isEmpty else { return nil }
            let down = count
            for part in found {
                _ = add(AdapterLayout.name("lora_A", of: part.weight), [settings.rank, inputs])
            }
            let parts = found.map { part in
                Part(
                    outputs: part.outputs,
                    up: add(
                        AdapterLayout.name("lora_B", of: part.weight),
                        [part.outputs.count, settings.rank]))
            }
            return Place(
                outputs: outputs, inputs: inputs, rank: settings.rank, down: down, parts: parts,
                site: Product.allCases.count * layer + product.rawValue)
        }
    }
}

extension ModelConfiguration {
    fileprivate func inputs(of product: AdapterLayout.Product) -> Int {
        switch product {
        case .projection, .gateUp: width
        case .output: queryWidth
        case .down: feedForward
        }
    }

    fileprivate func outputs(of target: AdapterSettings.Target) -> Int {
        switch target {
        case .query: queryWidth
        case .key, .value: keyValueWidth
        case .gate, .up: feedForward
        case .output, .down: width
        }
    }
}
