import RefluxCore
package import RefluxEngine

extension ModelSummary {
    /// The facts for people.
    package var text: String {
        let facts = TextTable(header: ["model", path], lines: lines).plain
        let types = TextTable(
            header: ["type", "tensors", "elements", "bytes"],
            lines: storage.map {
                [$0.type, "\($0.tensors)", "\($0.elements)", "\($0.bytes)"]
            })
        return facts + "\n\n" + types.plain
    }

    private var lines: [[String]] { adapterLines + modelLines }

    private var adapterLines: [[String]] {
        guard let adapter else { return [] }
        return [
            ["adapter", adapter.settings.words],
            ["its parameters", "\(adapter.parameters)"], ["on", adapter.base],
        ]
    }

    private var modelLines: [[String]] {
        [
            ["family", "\(family) (\(format))"],
            ["parameters", "\(parameters)\(tiedEmbeddings ? ", the head is the embedding" : "")"],
            ["layers, width", "\(layers), \(width)"],
            ["heads", "\(heads) of \(headWidth), \(keyValueHeads) for keys and values"],
            ["feed-forward", "\(feedForward)"],
            [
                "context",
                "\(contextLength) tokens"
                    + (attentionWindow == nil ? "" : ", the attention's window"),
            ],
            ["rotary base", "\(ropeBase)" + (ropeScaling.map { ", scaled: \($0)" } ?? "")],
            ["vocabulary", "\(vocabularySize)"],
            ["tokenizer", "\(tokenizer), \(tokenizerSize) ids"],
            ["end tokens", endTokens.map(String.init).joined(separator: ", ")],
            ["chat template", chatTemplate ?? "none"],
        ]
    }
}
