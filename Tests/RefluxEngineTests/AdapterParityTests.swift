import RefluxCore
import Testing

@testable import RefluxEngine

/// Adapters against PEFT 0.21.2 (Tests/Scripts/make_lora_fixtures.py): log-probabilities, every
/// gradient, and some steps of AdamW.
@Suite struct AdapterParityTests {
    static let adapters = ["llama", "qwen2", "rank1"]

    struct Expected: Decodable {
        struct Sequence: Decodable { var tokens: [Int32], prompt: Int }
        struct Optimizer: Decodable {
            var rate: Double
            var betas: [Double]
            var epsilon: Double
            var decay: Double
            enum CodingKeys: String, CodingKey {
                case rate = "lr"
                case betas
                case epsilon = "eps"
                case decay = "weight_decay"
            }
        }

        var sequences: [Sequence]
        var logProbabilities: [Float]
        var byLogProbability: [Float]
        var loss: Double
        var steps: [Double]
        var optimizer: Optimizer

        enum CodingKeys: String, CodingKey {
            case sequences, loss, steps, optimizer
            case logProbabilities = "log_probs"
            case byLogProbability = "by_log_prob"
        }

        var batch: [TokenSequence] {
            sequences.map {
                TokenSequence(
                    prompt: Array($0.tokens.prefix($0.prompt)),
                    response: Array($0.tokens.dropFirst($0.prompt)))
            }
        }
    }

    private func open(_ name: String, _ library: Arithmetic.Library) throws -> (Scorer, Expected) {
        let arithmetic = try Arithmetic.choose(.float32, library: library)
        let model = try OpenedModel(
            folder: ModelFolder.open(Fixture.path("lora_\(name)")),
            options: ModelOptions(trainable: true), arithmetic: arithmetic
        ).transformer(bodies: FrozenBodies(), pool: .shared)
        try model.prepareBackward()
        model.pack()
        return (
            Scorer(model: model, head: nil, optimizer: try AdamW(model, head: nil)),
            try Fixture.read(Expected.self, "lora_\(name)/expected.json")
        )
    }

    private func accumulate(_ scorer: Scorer, _ expected: Expected) throws -> Double {
        var loss = 0.0
        _ = try scorer.accumulate(expected.batch, reading: TokenReading()) { readings in
            loss = zip(readings.logProbabilities, expected.byLogProbability)
                .reduce(0) { $0 + Double($1.0) * Double($1.1) }
            return TokenGradients(loss: loss, byLogProbability: expected.byLogProbability)
        }
        return loss
    }

    @Test(arguments: adapters, Arithmetic.Library.usable)
    func readingsAreThoseOfPEFT(_ name: String, _ library: Arithmetic.Library) throws {
        let (scorer, expected) = try open(name, library)
        let readings = try scorer.read(expected.batch, reading: TokenReading())
        for (own, wanted) in zip(readings.logProbabilities, expected.logProbabilities) {
            #expect(abs(own - wanted) <= 1e-5 + 1e-4 * abs(wanted))
        }
        #expect(readings.logProbabilities.count == expected.logProbabilities.count)
    }

    @Test(arguments: adapters, Arithmetic.Library.usable)
    func everyGradientIsThatOfPEFT(_ name: String, _ library: Arithmetic.Library) throws {
        let (scorer, expected) = try open(name, library)
        let loss = try accumulate(scorer, expected)
        #expect(abs(loss - expected.loss) <= 1e-4 * abs(expected.loss))
        let file = try SafetensorsFile(Fixture.path("lora_\(name)/gradients.safetensors"))
        let layout = try #require(scorer.model.adapter?.layout)
        let gradient = TrainingModel.gradient(scorer)
        #expect(Set(file.names) == Set(layout.entries.map(\.name)))
        for entry in layout.entries {
            let own = Array(gradient[entry.offset..<entry.offset + entry.count])
            #expect(
                largestDifference(own, try file.read(entry.name).values) < 1e-4, "\(entry.name)")
        }
    }

    @Test(arguments: adapters) func stepsOfAdamWAreThoseOfTorch(_ name: String) throws {
        let (scorer, expected) = try open(name, .openBLAS)
        let adapter = try #require(scorer.model.adapter)
        let begin = Array(adapter.parameters)
        let recipe = expected.optimizer
        for wanted in expected.steps {
            let loss = try accumulate(scorer, expected)
            #expect(abs(loss - wanted) <= 2e-4 * abs(wanted))
            _ = try #require(scorer.optimizer).apply(
                UpdateSettings(
                    learningRate: recipe.rate, beta1: recipe.betas[0], beta2: recipe.betas[1],
                    epsilon: recipe.epsilon, weightDecay: recipe.decay, maxGradientNorm: 0))
            scorer.model.refresh()
        }
        let file = try SafetensorsFile(Fixture.path("lora_\(name)/trained.safetensors"))
        var (difference, way) = (0.0, 0.0)
        for entry in adapter.layout.entries {
            for (i, wanted) in try file.read(entry.name).values.enumerated() {
                let at = entry.offset + i
                difference +=
                    Double(adapter.parameters[at] - wanted)
                    * Double(adapter.parameters[at] - wanted)
                way += Double(wanted - begin[at]) * Double(wanted - begin[at])
            }
        }
        // A gradient near zero moves its number by the learning rate with the sign of its rounding.
        #expect((difference / way).squareRoot() < 5e-3)
    }
}
