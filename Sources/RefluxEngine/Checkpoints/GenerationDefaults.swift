/// One or several token ids, as the `eos_token_id` of a model folder may be.
struct TokenIDs: Codable, Sendable, Equatable {
    let ids: [Int32]

    /// Makes a list of ids.
    init(_ ids: [Int32]) { self.ids = ids }

    init(from decoder: any Decoder) throws {
        let value = try decoder.singleValueContainer()
        if let id = try? value.decode(Int32.self) {
            ids = [id]
        } else {
            ids = try value.decode([Int32].self)
        }
    }

    func encode(to encoder: any Encoder) throws {
        if ids.count == 1, let id = ids.first {
            try id.encode(to: encoder)
        } else {
            try ids.encode(to: encoder)
        }
    }
}

/// How the model's makers sample from it, from `generation_config.json`.
struct GenerationDefaults: Decodable, Sendable, Equatable {
    var temperature: Double?
    var topP: Double?
    var topK: Int?
    /// The ids that end a response.
    var endTokens: [Int32] = []

    enum CodingKeys: String, CodingKey {
        case temperature
        case topP = "top_p"
        case topK = "top_k"
        case endTokens = "eos_token_id"
    }

    /// No defaults: a folder without the file.
    init() {}

    init(from decoder: any Decoder) throws {
        let table = try decoder.container(keyedBy: CodingKeys.self)
        temperature = try table.decodeIfPresent(Double.self, forKey: .temperature)
        topP = try table.decodeIfPresent(Double.self, forKey: .topP)
        topK = try table.decodeIfPresent(Int.self, forKey: .topK)
        endTokens = try table.decodeIfPresent(TokenIDs.self, forKey: .endTokens)?.ids ?? []
    }
}
