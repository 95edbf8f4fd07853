import Foundation
import RefluxEngine
import Testing

/// A folder with a dataset, two small models and a run file that works; tests break one of them.
struct WorkingInputs {
    let folder: TemporaryFolder

    /// Few parameters, and a context of a few words.
    private static let blueprint = ModelBlueprint(
        layers: 1, width: 16, heads: 2, keyValueHeads: 1, feedForward: 32, contextLength: 96,
        vocabularySize: 280)

    static let runFile = """
        run: {name: bad, seed: 3}
        task: {use: gsm8k, data: data, prompt: text}
        teachers: [{use: local-model, model: teacher, samples: 2, temperatures: [1], max_tokens: 4}]
        student: {model: student, precision: f32}
        label: {use: gold}
        warmup: {epochs: 300, batch_sequences: 4, checkpoint_every: 2, warmup_steps: 1}
        reward: {steps: 2, override_floor: true}
        reinforce: {steps: 1}

        """

    init() async throws {
        folder = try TemporaryFolder()
        try folder.write(Self.runFile, to: "run.yaml")
        for name in ["train", "test"] { try write(lines: Self.problems, to: name) }
        for (seed, name) in ["teacher", "student"].enumerated() {
            try await ModelFolderFactory.create(
                at: "\(folder.path)/\(name)", blueprint: Self.blueprint,
                corpus: ["Question: How many?", "Answer: #### 12"], seed: UInt64(seed))
        }
    }

    /// Lines of a dataset.
    static let problems = (0..<8).map { index in
        #"{"question": "\#(index) and 1?", "answer": "so #### \#(index + 1)"}"#
    }

    /// Replaces a file of the dataset.
    func write(lines: [String], to split: String) throws {
        try folder.write(lines.map { $0 + "\n" }.joined(), to: "data/\(split).jsonl")
    }

    /// Replaces a text in a file.
    func replace(_ old: String, by new: String, in name: String) throws {
        let text = try folder.read(name)
        try #require(text.contains(old), "\(text.prefix(2000))")
        try folder.write(text.replacingOccurrences(of: old, with: new), to: name)
    }

    /// Every file below the folder, but for locks.
    func snapshot() throws -> [String: Data] {
        var files: [String: Data] = [:]
        let names = FileManager.default.enumerator(atPath: folder.path)?.allObjects ?? []
        for case let name as String in names where !name.hasSuffix(".lock") {
            let url = URL(filePath: "\(folder.path)/\(name)")
            guard try url.resourceValues(forKeys: [.isRegularFileKey]).isRegularFile == true else {
                continue
            }
            files[name] = try Data(contentsOf: url)
        }
        return files
    }

    /// Calls the program and expects one line of error that holds all parts, and no file touched.
    func expectError(
        code: Int32, _ parts: [String], from arguments: [String],
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let before = try snapshot()
        let outcome = try Program.call(arguments, in: folder.path)
        let message = Comment(rawValue: "\(outcome)")
        #expect(outcome.code == code, message, sourceLocation: sourceLocation)
        #expect(outcome.output.isEmpty, message, sourceLocation: sourceLocation)
        #expect(outcome.errors.hasPrefix("error: "), message, sourceLocation: sourceLocation)
        #expect(
            outcome.errors.count { $0 == "\n" } == 1, message, sourceLocation: sourceLocation)
        for part in parts {
            #expect(
                outcome.errors.contains(part), "\"\(part)\" is not in \(outcome.errors)",
                sourceLocation: sourceLocation)
        }
        let after = try snapshot()
        let touched = Set(before.keys).union(after.keys).filter { before[$0] != after[$0] }
        #expect(touched.isEmpty, sourceLocation: sourceLocation)
    }
}

/// What can be wrong with a model folder.
enum ModelDamage: String, CaseIterable {
    case noFolder, noConfiguration, configurationIsNoJSON, unknownArchitecture, wrongType
    case noWeights, cutWeights, headerIsNoJSON, headerTooLong, offsetsOutside, offsetsOverlap
    case wrongShape, wrongElementType, missingTensor
    case noTokenizer, tokenizerTooLarge, endTokenOutside

    /// What the error must say: the file, what was found, what to do.
    var parts: [String] {
        switch self {
        case .noFolder: ["student: there is no such folder", "config.json", "Check the path"]
        case .noConfiguration: ["student", "config.json"]
        case .configurationIsNoJSON: ["student/config.json", "not JSON"]
        case .unknownArchitecture:
            ["student/config.json: architectures", "\"Mamba\"", "LlamaForCausalLM", "Choose"]
        case .wrongType: ["student/config.json: field \"hidden_size\" is a text", "a whole number"]
        case .noWeights: ["student: no model.safetensors", "save_pretrained"]
        case .cutWeights: ["student/model.safetensors", "the file ends after", "cut off"]
        case .headerIsNoJSON: ["student/model.safetensors", "not JSON"]
        case .headerTooLong: ["student/model.safetensors: a header of", "download it again"]
        case .offsetsOutside: ["student/model.safetensors: model.norm.weight", "bytes"]
        case .offsetsOverlap:
            ["student/model.safetensors: model.", "overlaps", "download or write it"]
        case .wrongShape:
            ["student/model.safetensors: model.norm.weight: shape [4, 4]; wanted [16]"]
        case .wrongElementType:
            ["student/model.safetensors: model.norm.weight", "type I32; wanted F32, F16 or BF16"]
        case .missingTensor: ["student/model.safetensors: no tensor \"model.norm.weight\""]
        case .noTokenizer: ["student: no tokenizer.json"]
        case .tokenizerTooLarge:
            ["student/tokenizer.json: the tokenizer has 280 ids", "which is 270", "copy the right"]
        case .endTokenOutside: ["student/generation_config.json: eos_token_id", "99999"]
        }
    }

    /// Damages the folder `student`.
    func apply(to inputs: WorkingInputs) throws {
        let student = "\(inputs.folder.path)/student"
        let weights = Safetensors(path: "\(student)/model.safetensors")
        switch self {
        case .noFolder: try FileManager.default.removeItem(atPath: student)
        case .noConfiguration:
            try FileManager.default.removeItem(atPath: "\(student)/config.json")
        case .configurationIsNoJSON: try inputs.folder.write("{", to: "student/config.json")
        case .unknownArchitecture:
            try inputs.replace("\"llama\"", by: "\"mamba\"", in: "student/config.json")
            try inputs.replace("LlamaForCausalLM", by: "Mamba", in: "student/config.json")
        case .wrongType:
            try inputs.editJSON("student/config.json") { $0["hidden_size"] = "many" }
        case .noWeights: try FileManager.default.removeItem(atPath: weights.path)
        case .cutWeights: try weights.edit { $0.removeLast(10) }
        case .headerIsNoJSON: try weights.edit { $0[8] = UInt8(ascii: "?") }
        case .headerTooLong: try weights.edit { $0[6] = 1 }
        case .offsetsOutside:
            try weights.editNorm { $0["data_offsets"] = [1 << 40, 1 << 40 + 64] }
        case .offsetsOverlap: try weights.editNorm { $0["data_offsets"] = [0, 64] }
        case .wrongShape: try weights.editNorm { $0["shape"] = [4, 4] }
        case .wrongElementType: try weights.editNorm { $0["dtype"] = "I32" }
        case .missingTensor: try weights.editHeader { $0["other"] = $0.removeValue(forKey: $1) }
        case .noTokenizer:
            try FileManager.default.removeItem(atPath: "\(student)/tokenizer.json")
        case .tokenizerTooLarge:
            try inputs.editJSON("student/config.json") { $0["vocab_size"] = 270 }
        case .endTokenOutside:
            try inputs.folder.write(
                #"{"eos_token_id": 99999}"#, to: "student/generation_config.json")
        }
    }
}

extension WorkingInputs {
    /// Changes a table of JSON.
    func editJSON(_ name: String, _ change: (inout [String: Any]) -> Void) throws {
        let data = Data(try folder.read(name).utf8)
        var table = try #require(JSONSerialization.jsonObject(with: data) as? [String: Any])
        change(&table)
        try JSONSerialization.data(withJSONObject: table).write(
            to: URL(filePath: "\(folder.path)/\(name)"))
    }
}

extension WorkingInputs {
    /// Makes every number of a safetensors file NaN, as weights that have overflowed.
    func poison(_ name: String) throws {
        let file = Safetensors(path: "\(folder.path)/\(name)")
        try file.edit { bytes in
            let start = 8 + bytes[..<8].reversed().reduce(0) { $0 << 8 | Int($1) }
            for index in start..<bytes.count { bytes[index] = 0xFF }
        }
    }
}

/// A safetensors file that can be changed byte by byte.
private struct Safetensors {
    let path: String
    static let norm = "model.norm.weight"

    func edit(_ change: (inout [UInt8]) -> Void) throws {
        var bytes = [UInt8](try Data(contentsOf: URL(filePath: path)))
        change(&bytes)
        try Data(bytes).write(to: URL(filePath: path))
    }

    /// Changes the header's table; the second argument is the name of the last norm.
    func editHeader(_ change: (inout [String: Any], String) -> Void) throws {
        let bytes = try Data(contentsOf: URL(filePath: path))
        let length = bytes[0..<8].reversed().reduce(0) { $0 << 8 | Int($1) }
        var table = try #require(
            JSONSerialization.jsonObject(with: bytes[8..<8 + length]) as? [String: Any])
        change(&table, Self.norm)
        let header = try JSONSerialization.data(withJSONObject: table)
        let prefix = (0..<8).map { UInt8(header.count >> (8 * $0) & 255) }
        try (Data(prefix) + header + bytes[(8 + length)...]).write(to: URL(filePath: path))
    }

    /// Changes the entry of the last norm.
    func editNorm(_ change: (inout [String: Any]) -> Void) throws {
        try editHeader { table, norm in
            var entry = table[norm] as? [String: Any] ?? [:]
            change(&entry)
            table[norm] = entry
        }
    }
}
