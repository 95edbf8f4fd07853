import Testing

@testable import RefluxEngine

@Suite struct ModelLayoutTests {
    @Test(arguments: [true, false], [ModelConfiguration.Family.llama, .qwen2, .qwen3])
    func parametersLieSideBySide(_ tied: Bool, _ family: ModelConfiguration.Family) {
        let c = TrainingModel.configuration(family, tied: tied)
        let layout = ParameterLayout(c)
        var offset = 0
        for entry in layout.entries {
            #expect(entry.offset == offset)
            offset += entry.count
        }
        #expect(layout.count == offset)
        #expect(Set(layout.entries.map(\.name)).count == layout.entries.count)
        let layer =
            (4 * c.width * c.queryWidth + 3 * c.width * c.feedForward) + 2 * c.width
            - 2 * c.width * (c.queryWidth - c.keyValueWidth)
        let biases = family == .qwen2 ? c.projectionWidth : 0
        let norms = family == .qwen3 ? 2 * c.headWidth : 0
        #expect(
            layout.count == c.vocabularySize * c.width * (tied ? 1 : 2) + c.width
                + c.layers * (layer + biases + norms))
        #expect((layout.head == layout.embedding) == tied)
    }

    @Test func smolLM2HasItsParameters() {
        let c = ModelConfiguration(
            family: .llama, layers: 30, width: 576, heads: 9, keyValueHeads: 3, headWidth: 64,
            feedForward: 1536, vocabularySize: 49_152, contextLength: 8192, ropeBase: 100_000,
            normEpsilon: 1e-5, tiedEmbeddings: true, attentionBias: false)
        #expect(ParameterLayout(c).count == 134_515_008)
    }

    @Test func onlyMatricesAreDecayed() {
        let entries = ParameterLayout(TrainingModel.configuration(.qwen2)).entries
        for entry in entries {
            let isVector = entry.name.hasSuffix("norm.weight") || entry.name.hasSuffix(".bias")
            #expect(entry.isMatrix == !isVector)
        }
    }
}
