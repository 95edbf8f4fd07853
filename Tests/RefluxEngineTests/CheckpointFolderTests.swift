import Foundation
import RefluxCore
import RefluxFiles
import Testing

@testable import RefluxEngine

struct CheckpointFolderTests {
    private let corpus = (0..<40).map { "Tom has \($0) apples and buys \(3 * $0) more." }

    private func load(_ folder: ModelFolder) throws -> (values: [Float], notes: [String]) {
        let layout = ParameterLayout(folder.configuration)
        var values = [Float](repeating: .nan, count: layout.count)
        let notes = try values.withUnsafeMutableBufferPointer {
            try folder.loadParameters(layout, into: $0)
        }
        return (values, notes)
    }

    private func makeTiny(_ folder: String, tied: Bool = true, seed: UInt64 = 1) async throws {
        var blueprint = ModelBlueprint.tiny
        blueprint.tiedEmbeddings = tied
        try await ModelFolderFactory.create(
            at: folder, blueprint: blueprint, corpus: corpus, seed: seed)
    }

    @Test(arguments: [true, false])
    func aFreshModelOpens(_ tied: Bool) async throws {
        try await withTemporaryFolder { folder in
            try await makeTiny("\(folder)/m", tied: tied)
            let model = try ModelFolder.open("\(folder)/m")
            #expect(model.configuration.vocabularySize == 270)
            #expect(model.configuration.tiedEmbeddings == tied)
            #expect(model.tokenizer.endTokens == [0])
            #expect(model.tokenizer.encodeResponse("7", finished: true).last == 0)
            let (values, notes) = try load(model)
            #expect(notes.isEmpty)
            #expect(!values.contains { !$0.isFinite })
        }
    }

    @Test func freshWeightsHaveTheirDeviation() async throws {
        try await withTemporaryFolder { folder in
            try await makeTiny("\(folder)/m")
            let model = try ModelFolder.open("\(folder)/m")
            let values = try load(model).values
            for entry in ParameterLayout(model.configuration).entries {
                let part = values[entry.offset..<entry.offset + entry.count]
                guard entry.isMatrix else {
                    #expect(!part.contains { $0 != 1 }, "\(entry.name)")
                    continue
                }
                let isResidual = entry.name.contains("o_proj") || entry.name.contains("down_proj")
                let wanted: Float = isResidual ? 0.02 : 0.04
                let deviation = (part.reduce(0) { $0 + $1 * $1 } / Float(part.count)).squareRoot()
                #expect(abs(deviation / wanted - 1) < 0.25, "\(entry.name) \(deviation)")
            }
        }
    }

    @Test func equalSeedsGiveEqualFoldersAndOthersDoNot() async throws {
        try await withTemporaryFolder { folder in
            try await makeTiny("\(folder)/a")
            try await makeTiny("\(folder)/b")
            try await makeTiny("\(folder)/c", seed: 2)
            func hash(_ name: String) throws -> String {
                try Files.sha256(ofFile: "\(folder)/\(name)")
            }
            #expect(try hash("a/model.safetensors") == hash("b/model.safetensors"))
            #expect(try hash("a/tokenizer.json") == hash("c/tokenizer.json"))
            #expect(try hash("a/model.safetensors") != hash("c/model.safetensors"))
        }
    }

    @Test func anotherModelCanTakeTheTokenizer() async throws {
        try await withTemporaryFolder { folder in
            try await makeTiny("\(folder)/a")
            var larger = ModelBlueprint.tiny
            larger.width = 32
            try await ModelFolderFactory.create(
                at: "\(folder)/b", blueprint: larger, tokenizerFrom: "\(folder)/a", seed: 3)
            let (a, b) = (try ModelFolder.open("\(folder)/a"), try ModelFolder.open("\(folder)/b"))
            #expect(b.configuration.width == 32)
            #expect(b.configuration.vocabularySize == a.configuration.vocabularySize)
            let text = "Tom has 37 apples"
            #expect(
                a.tokenizer.encode(text, parseSpecial: false)
                    == b.tokenizer.encode(text, parseSpecial: false))
            #expect(b.tokenizer.endTokens == [0])
        }
    }

    @Test func aWrittenFolderHoldsTheSame() async throws {
        try await withTemporaryFolder { folder in
            try await makeTiny("\(folder)/a", tied: false)
            let model = try ModelFolder.open("\(folder)/a")
            let values = try load(model).values
            try values.withUnsafeBufferPointer {
                try ModelFolder.write(
                    to: "\(folder)/b", configuration: model.configuration,
                    layout: ParameterLayout(model.configuration), parameters: $0,
                    copyingTokenizerFrom: "\(folder)/a", dtype: .float32)
            }
            let copy = try ModelFolder.open("\(folder)/b")
            #expect(copy.configuration == model.configuration)
            #expect(try load(copy).values == values)
            #expect(copy.tokenizer.endTokens == [0])
        }
    }

    @Test func shardsAreReadThroughTheirIndex() async throws {
        try await withTemporaryFolder { folder in
            try await makeTiny("\(folder)/m")
            let model = try ModelFolder.open("\(folder)/m")
            let values = try load(model).values
            let whole = try SafetensorsFile("\(folder)/m/model.safetensors")
            var map: [String: String] = [:]
            for (index, names) in [whole.names.prefix(5), whole.names.dropFirst(5)].enumerated() {
                let file = "model-\(index).safetensors"
                try SafetensorsWriter.write(
                    try names.map { ($0, try whole.read($0).shape, try whole.read($0).values) },
                    to: "\(folder)/m/\(file)")
                for name in names { map[name] = file }
            }
            try Files.remove("\(folder)/m/model.safetensors")
            let index = "\(folder)/m/model.safetensors.index.json"
            try write(try JSONText.encode(["weight_map": map], pretty: false), to: index)
            #expect(try load(model).values == values)

            try Files.remove("\(folder)/m/model-1.safetensors")
            #expect(
                message(in: folder) { _ = try load(model) }
                    == "F/m/model.safetensors.index.json: weight_map: the file "
                    + "\"model-1.safetensors\" is missing. Download the missing file.")
            try write(#"{"weight_map":{"a":"../secret.safetensors"}}"#, to: index)
            #expect(
                message(in: folder) { _ = try load(model) }
                    == "F/m/model.safetensors.index.json: weight_map: the file "
                    + "\"../secret.safetensors\"; wanted safetensors files of the same folder. "
                    + "Download the model again.")
        }
    }

    @Test func missingForeignAndSuperfluousTensorsAreNamed() async throws {
        try await withTemporaryFolder { folder in
            try await makeTiny("\(folder)/m")
            let model = try ModelFolder.open("\(folder)/m")
            let path = "\(folder)/m/model.safetensors"
            let whole = try SafetensorsFile(path)
            var tensors = try whole.names.map {
                (name: $0, shape: try whole.read($0).shape, values: try whole.read($0).values)
            }
            let extra = [
                (name: "model.layers.0.self_attn.rotary_emb.inv_freq", shape: [1], values: [1]),
                (name: "lm_head.weight", shape: [1], values: [1]),
                (name: "strange", shape: [1], values: [Float(1)]),
            ]
            try SafetensorsWriter.write(tensors + extra, to: path)
            #expect(
                try load(model).notes
                    == ["\(folder)/m: 1 tensors are not used, the first is \"strange\""])

            let norm = try #require(tensors.firstIndex { $0.name == "model.norm.weight" })
            tensors[norm].shape = [2, 8]
            try SafetensorsWriter.write(tensors, to: path)
            #expect(
                message(in: folder) { _ = try load(model) }
                    == "F/m/model.safetensors: model.norm.weight: shape [2, 8]; wanted [16]. "
                    + "config.json and the weights do not belong together.")
            tensors.remove(at: norm)
            try SafetensorsWriter.write(tensors, to: path)
            #expect(
                message(in: folder) { _ = try load(model) }
                    == "F/m/model.safetensors: no tensor \"model.norm.weight\"; wanted one of shape "
                    + "[16]. config.json and the weights do not belong together, or a file is "
                    + "missing.")
            try Files.remove(path)
            #expect(
                message(in: folder) { _ = try load(model) }
                    == "F/m: no model.safetensors; wanted weights as safetensors, in one file or "
                    + "with model.safetensors.index.json. Convert other formats with transformers' "
                    + "save_pretrained.")
        }
    }

    @Test func aTokenizerThatDoesNotFitIsNamed() async throws {
        try await withTemporaryFolder { folder in
            try await makeTiny("\(folder)/m")
            let path = "\(folder)/m/config.json"
            let text = try Files.readText(path)
            try write(text.replacingOccurrences(of: "270", with: "260"), to: path)
            #expect(
                message(in: folder) { _ = try ModelFolder.open("\(folder)/m") }
                    == "F/m/tokenizer.json: the tokenizer has 270 ids; wanted at most vocab_size of "
                    + "config.json, which is 260. The tokenizer belongs to another model; copy the "
                    + "right one.")
        }
    }

    @Test func aFolderWithoutATemplateTakesTextsButNoChats() async throws {
        try await withTemporaryFolder { folder in
            try await makeTiny("\(folder)/m")
            let tokenizer = try ModelFolder.open("\(folder)/m").tokenizer
            #expect(try !tokenizer.encode(.text("Tom has")).isEmpty)
            #expect(
                message(in: folder) {
                    _ = try tokenizer.encode(.chat([ChatMessage(.user, "Hi")]))
                }
                    == "F/m: the model has no chat template; wanted a plain text prompt. Ask with "
                    + "plain text prompts, or choose an instruction-tuned model.")
        }
    }

    @Test func aMissingFolderIsNamed() {
        #expect(
            message(in: "-") { _ = try ModelFolder.open("no/such/model") }
                == "no/such/model: there is no such folder; wanted a model folder with config.json, "
                + "tokenizer.json and model.safetensors, or a GGUF file. Check the path of the model."
        )
    }

    @Test(arguments: [
        (["heads": 3], "a model with 3 heads for width 16; wanted heads of an equal, even width."),
        (["layers": 0], "a model with layers 0; wanted 1 to 1024."),
    ])
    func anImpossibleShapeIsRefused(_ change: [String: Int], _ error: String) async throws {
        var blueprint = ModelBlueprint.tiny
        blueprint.heads = change["heads"] ?? blueprint.heads
        blueprint.layers = change["layers"] ?? blueprint.layers
        #expect(
            message(in: "-") { _ = try blueprint.configuration(vocabularySize: 300) }
                == error + " Change the model's shape.")
    }
}
