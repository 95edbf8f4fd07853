import Foundation
import RefluxCore
import RefluxFiles

/// `adapter_config.json` of PEFT (0.21), as far as it matters here.
///
/// A key that is not known is looked at all the same: where it has a value that may change what the
/// adapter computes, it is refused.
struct AdapterConfig {
    /// The model under the adapter, as the file has it.
    let base: String
    let settings: AdapterSettings

    /// Keys that change nothing in what a saved adapter computes, whatever their values.
    private static let ignored: Set = [
        "auto_mapping", "base_model_name_or_path", "corda_config", "eva_config", "inference_mode",
        "layers_pattern", "loftq_config", "megatron_config", "megatron_core", "parent_library",
        "peft_version", "qalora_group_size", "revision", "runtime_config", "task_type",
    ]
    /// Keys that are read below.
    private static let known: Set = [
        "peft_type", "r", "lora_alpha", "lora_dropout", "target_modules", "use_rslora", "bias",
        "init_lora_weights",
    ]
    /// Ways of initialising that leave the weights of the model under the adapter as they are.
    private static let initialisations: Set = ["gaussian", "eva", "orthogonal"]

    /// Reads and checks a file.
    ///
    /// - Throws: `RefluxError` of kind `input` that names the file and the key.
    static func read(_ path: String) throws -> AdapterConfig {
        let fields = try JSONText.decode(
            [String: JSONField].self, from: Files.read(path), path: path)
        return try AdapterConfig(Reader(path: path, fields: fields))
    }

    private init(_ reader: Reader) throws {
        guard reader.fields["peft_type"] == .text("LORA") else {
            throw reader.wrong("peft_type", wanted: "\"LORA\"")
        }
        for key in reader.fields.keys.sorted()
        where !Self.ignored.contains(key) && !Self.known.contains(key) {
            guard reader.fields[key]?.isNeutral == true else { throw reader.unsupported(key) }
        }
        if let bias = reader.fields["bias"], bias != .text("none") {
            throw reader.wrong("bias", wanted: "\"none\": only low-rank matrices are trained")
        }
        switch reader.fields["init_lora_weights"] {
        case nil, .null, .truth: break
        case .text(let name) where Self.initialisations.contains(name): break
        default: throw reader.unsupported("init_lora_weights")
        }
        guard case .text(let base)? = reader.fields["base_model_name_or_path"], !base.isEmpty else {
            throw reader.wrong(
                "base_model_name_or_path", wanted: "the folder of the model under the adapter")
        }
        self.base = base
        settings = AdapterSettings(
            rank: try reader.rank(),
            alpha: try reader.number("lora_alpha", default: 8, in: 0...1e6),
            dropout: try reader.number("lora_dropout", default: 0, in: 0...0.99),
            targets: try reader.targets(), isRankStabilized: try reader.truth("use_rslora"))
    }

    private struct Reader {
        let path: String
        let fields: [String: JSONField]

        func wrong(_ key: String, wanted: String) -> RefluxError {
            RefluxError(
                .input, found: fields[key].map { "found \($0.words)" } ?? "no \"\(key)\"",
                at: SourceLocation(path: path, key: key), wanted: wanted)
        }

        func unsupported(_ key: String) -> RefluxError {
            RefluxError(
                .input, found: "found \(fields[key]?.words ?? "nothing")",
                at: SourceLocation(path: path, key: key),
                wanted: "a plain adapter: this setting changes what it computes",
                remedy: "Merge the adapter into its model with PEFT's merge_and_unload.")
        }

        func rank() throws -> Int {
            guard case .number(let value)? = fields["r"], let rank = Int(exactly: value),
                (1...4096).contains(rank)
            else { throw wrong("r", wanted: "a whole number from 1 to 4096") }
            return rank
        }

        func number(_ key: String, default value: Double, in range: ClosedRange<Double>) throws
            -> Double
        {
            guard let field = fields[key] else { return value }
            guard case .number(let found) = field, range.contains(found) else {
                throw wrong(
                    key, wanted: "a number from \(range.lowerBound) to \(range.upperBound)")
            }
            return found
        }

        func truth(_ key: String) throws -> Bool {
            switch fields[key] {
            case nil, .null: return false
            case .truth(let value): return value
            default: throw wrong(key, wanted: "true or false")
            }
        }

        func targets() throws -> [AdapterSettings.Target] {
            let all = AdapterSettings.Target.allCases
            let known = all.map(\.rawValue).joined(separator: ", ")
            guard case .list(let names)? = fields["target_modules"], !names.isEmpty else {
                if fields["target_modules"] == .text("all-linear") { return all }
                throw wrong("target_modules", wanted: "a list of \(known)")
            }
            return try names.map { name in
                guard case .text(let text) = name,
                    let target = AdapterSettings.Target(rawValue: text)
                else {
                    throw RefluxError(
                        .input, found: "found \(name.words)",
                        at: SourceLocation(path: path, key: "target_modules"),
                        wanted: "names among \(known)")
                }
                return target
            }
        }
    }
}

/// A value of a JSON file whose keys are not all known.
private enum JSONField: Decodable, Equatable {
    case null
    case truth(Bool)
    case number(Double)
    case text(String)
    case list([JSONField])
    case table([String: JSONField])

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Bool.self) {
            self = .truth(value)
        } else if let value = try? container.decode(Double.self) {
            self = .number(value)
        } else if let value = try? container.decode(String.self) {
            self = .text(value)
        } else if let value = try? container.decode([JSONField].self) {
            self = .list(value)
        } else {
            self = .table(try container.decode([String: JSONField].self))
        }
    }

    /// Whether the value says nothing: `null`, `false`, or an empty list or table.
    var isNeutral: Bool {
        switch self {
        case .null, .truth(false): true
        case .list(let values): values.isEmpty
        case .table(let values): values.isEmpty
        default: false
        }
    }

    var words: String {
        switch self {
        case .null: "null"
        case .truth(let value): "\(value)"
        case .number(let value): "\(value)"
        case .text(let value): "\"\(value)\""
        case .list: "a list"
        case .table: "a table"
        }
    }
}
