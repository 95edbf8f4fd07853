import RefluxCore
import RefluxFiles
import Testing

@testable import RefluxEngine

/// Models and tokenizers in GGUF files (Tests/Scripts/make_gguf_fixtures.py).
struct GGUFModelTests {
    static let models = ["llama_tied", "llama3", "qwen2", "qwen3"]

    private func load(_ path: String) throws -> (ModelFolder, [Float]) {
        let folder = try ModelFolder.open(path)
        let layout = ParameterLayout(folder.configuration)
        try folder.weights().check(layout)
        var values = [Float](repeating: .nan, count: layout.count)
        let notes = try values.withUnsafeMutableBufferPointer {
            try folder.loadParameters(layout, into: $0)
        }
        #expect(notes.isEmpty)
        return (folder, values)
    }

    @Test func everyTypeIsReadAsGgufReadsIt() throws {
        let file = try GGUFFile(Fixture.path("gguf_types.gguf"))
        let expected = try SafetensorsFile(Fixture.path("gguf_types.safetensors"))
        #expect(Set(expected.names) == Set(GGUFType.allCases.map(\.name)))
        for type in GGUFType.allCases {
            let wanted = try expected.read(type.name)
            #expect(file.header.tensors[type.name]?.type == type)
            #expect(file.header.tensors[type.name]?.shape == wanted.shape)
            let own = try file.read(type.name)
            #expect(own.map(\.bitPattern) == wanted.values.map(\.bitPattern), "\(type.name)")
        }
    }

    @Test(arguments: models)
    func aFileHoldsTheSameModelAsTheFolder(_ name: String) throws {
        let (folder, values) = try load(Fixture.path("parity_\(name)"))
        let (file, own) = try load(Fixture.path("gguf_\(name).gguf"))
        #expect(file.configuration == folder.configuration)
        #expect(own == values)
        #expect(file.tokenizer.endTokens == folder.tokenizer.endTokens)
        for line in try TokenizerLines.read().all {
            #expect(
                file.tokenizer.encode(line, parseSpecial: true)
                    == folder.tokenizer.encode(line, parseSpecial: true))
        }
    }

    @Test(arguments: models)
    func anEngineExportsAFileAsAFolder(_ name: String) async throws {
        try await withTemporaryFolder { folder in
            let path = Fixture.path("gguf_\(name).gguf")
            let engine = try await NativeEngineProvider().open(
                path, options: ModelOptions(precision: .float32))
            try await engine.exportModel(to: "\(folder)/m")
            let (copy, values) = try load("\(folder)/m")
            let (file, own) = try load(path)
            #expect(values == own)
            #expect(copy.configuration == file.configuration)
            #expect(copy.tokenizer.endTokens == file.tokenizer.endTokens)
            let text = "Tom has 37 apples. Größe: 日本語"
            #expect(
                copy.tokenizer.encode(text, parseSpecial: true)
                    == file.tokenizer.encode(text, parseSpecial: true))
        }
    }

    struct Characters: Decodable {
        var lines: [String]
        var ids: [[Int32]]
        var texts: [String]
    }

    @Test func aVocabularyOfCharactersGivesTheIdsOfSentencePiece() throws {
        let expected = try Fixture.read(Characters.self, "gguf_characters.json")
        let source = try GGUFTokenizer(GGUFFile(Fixture.path("gguf_characters.gguf")))
        let tokenizer = try BytePairTokenizer(source.file, path: "f")
        #expect(tokenizer.beginning == [1])
        for (index, line) in expected.lines.enumerated() {
            let ids = tokenizer.encode(line, parseSpecial: false)
            #expect(ids == expected.ids[index], "\(line)")
            #expect(
                Array(tokenizer.decode(ids, skipSpecial: false).utf8)
                    == Array(expected.texts[index].utf8), "\(line)")
        }
    }
}
