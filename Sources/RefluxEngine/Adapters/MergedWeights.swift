import RefluxCore

/// The weights of a model with its adapter added to them: W + s B A, in 32-bit floats.
final class MergedWeights: WeightSource {
    private let base: any WeightSource
    private let file: SafetensorsFile
    private let scale: Float

    /// Opens both.
    ///
    /// - Throws: `RefluxError` of kind `input` that names the file and the tensor.
    init(
        _ base: any WeightSource, adapter: AdapterFolder, configuration: ModelConfiguration
    ) throws {
        self.base = base
        file = try adapter.file(AdapterLayout(configuration, adapter.settings))
        scale = Float(adapter.settings.scale)
    }

    func read(
        _ entry: ParameterLayout.Entry, into target: UnsafeMutableBufferPointer<Float>
    ) throws {
        try base.read(entry, into: target)
        let (down, up) = (
            AdapterLayout.name("lora_A", of: entry.name),
            AdapterLayout.name("lora_B", of: entry.name)
        )
        guard file.shape(of: down) != nil, let weights = target.baseAddress else { return }
        let (lower, upper) = (try file.read(down), try file.read(up))
        let (outputs, rank, inputs) = (upper.shape[0], upper.shape[1], lower.shape[1])
        var scaled = [Float](repeating: 0, count: rank * outputs)
        for output in 0..<outputs {
            for i in 0..<rank {
                scaled[i * outputs + output] = scale * upper.values[output * rank + i]
            }
        }
        scaled.withUnsafeBytes { left in
            lower.values.withUnsafeBytes { right in
                guard let left = left.baseAddress, let right = right.baseAddress else { return }
                Product.addOuter(
                    Arithmetic(library: .openBLAS, isBFloat16: false), m: outputs, n: inputs,
                    depth: rank, left, aStride: outputs, right, into: weights)
            }
        }
    }

    func check(_ entry: ParameterLayout.Entry) throws { try base.check(entry) }

    func notes(_ layout: ParameterLayout) -> [String] { base.notes(layout) }

    func tensors() throws -> [TensorFacts] { try base.tensors() + file.tensors }
}
