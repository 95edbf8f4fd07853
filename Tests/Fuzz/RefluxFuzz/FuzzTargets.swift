/// Every target. A target's maker may read more seeds from a folder of real data.
package enum FuzzTargets {
    /// Name and maker; the latter takes the folder of real data, if there is one.
    package static let all:
        [(name: String, make: @Sendable (_ data: String?) throws -> FuzzTarget)] = [
            ("extractors", extractors),
            ("jsonl", jsonLines),
            ("api-reply", serverReply),
            ("hub-listing", hubListing),
            ("safetensors", safetensors),
            ("gguf", gguf),
            ("tokenizer", tokenizer),
        ]
}
