package import RefluxCore
import RefluxTerminal

extension Generation {
    /// Talks with a person on a terminal until that ends it.
    ///
    /// - Throws: ``RefluxError`` when the model cannot be opened.
    package func converse(models: any LanguageModelProvider) async throws {
        let engine = try await open(models)
        let editor = LineEditor.shared
        let conversation = Conversation(
            with: engine, mode: mode, sampling: settings, seed: seed,
            means: Conversation.Means(
                read: { await editor.read(prompt: $0) }, write: { Terminal.write($0) },
                note: Terminal.note))
        let watch = InterruptWatch {
            if !conversation.stopAnswer() { editor.interrupt() }
        }
        await conversation.run()
        withExtendedLifetime(watch) {}
    }

    /// Answers one prompt and writes the answer as it comes.
    ///
    /// - Returns: how fast it came, for people.
    /// - Throws: ``RefluxError``; `CancellationError` between two tokens.
    package func stream(_ prompt: String, models: any LanguageModelProvider) async throws -> String
    {
        let engine = try await open(models)
        let request = try request(prompt, index: 0, engine: engine)
        let shown = ShownAnswer(
            tokenizer: engine.tokenizer, stops: settings.stops, write: { Terminal.write($0) })
        do {
            let response = try await engine.stream(request) { shown.add($0) }
            shown.finish(response.text)
        } catch {
            Terminal.write("\n")
            throw error
        }
        Terminal.write("\n")
        return shown.speed
    }
}
