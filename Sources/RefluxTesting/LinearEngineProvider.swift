import Foundation
public import RefluxCore

/// Opens ``LinearEngine``s: by a name from its table of corpora, or a folder that one exported.
public struct LinearEngineProvider: LanguageModelProvider {
    /// Prompts with their finished responses, which a model's statistics come from.
    public typealias Corpus = [(prompt: String, response: String)]

    private let corpora: [String: Corpus]
    private let contextLength: Int

    /// Makes a provider of models by name.
    public init(corpora: [String: Corpus] = [:], contextLength: Int = 256) {
        self.corpora = corpora
        self.contextLength = contextLength
    }

    /// `linear`.
    public var name: String { "linear" }

    /// Opens a model of the table, or a folder with `linear.json`.
    public func open(
        _ path: String, options: ModelOptions
    ) async throws -> any LanguageModelEngine {
        if let corpus = corpora[path] {
            return LinearEngine(
                name: path, corpus: corpus, options: options, contextLength: contextLength)
        }
        guard let data = try? Data(contentsOf: URL(filePath: "\(path)/linear.json")) else {
            throw RefluxError(
                .input, found: "no model \"\(path)\"", at: SourceLocation(path: path),
                remedy: suggestion(for: path, known: Array(corpora.keys)))
        }
        let model = try JSONDecoder().decode(LinearModel.self, from: data)
        return LinearEngine(
            name: path, model: model, options: options, contextLength: contextLength)
    }
}
