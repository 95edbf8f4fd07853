import Foundation
package import RefluxCore
import RefluxFiles
package import RefluxTerminal
import Synchronization

/// A conversation with a model on a terminal: `reflux generate` without a prompt.
///
/// Messages are written by the model's own chat template. A model without one continues each line as
/// a text, without a history. Errors of a turn are told and end nothing.
package final class Conversation: Sendable {
    /// Where lines come from and texts go.
    package struct Means: Sendable {
        /// Asks for a line.
        package var read: @Sendable (_ prompt: String) async -> LineInput
        /// Writes a part of an answer at once.
        package var write: @Sendable (String) -> Void
        /// Tells something beside the answers, a line at a time.
        package var note: @Sendable (String) -> Void

        /// Makes means.
        package init(
            read: @escaping @Sendable (String) async -> LineInput,
            write: @escaping @Sendable (String) -> Void,
            note: @escaping @Sendable (String) -> Void
        ) {
            self.read = read
            self.write = write
            self.note = note
        }
    }

    fileprivate struct State: Sendable {
        var settings: ConversationSettings
        var system: String?
        /// Questions and answers in turn.
        var messages: [ChatMessage] = []
        /// Answers that were begun; each has random numbers of its own.
        var answers = 0
        var running: Task<SampledResponse, any Error>?
    }

    private let engine: any LanguageModelEngine
    private let isChat: Bool
    private let means: Means
    private let state: Mutex<State>

    /// Prepares a conversation.
    ///
    /// - Parameters:
    ///   - engine: the model.
    ///   - mode: whether lines are messages or texts.
    ///   - sampling: how answers are drawn at first.
    ///   - seed: the seed of the random numbers.
    ///   - means: where lines come from and texts go.
    package init(
        with engine: any LanguageModelEngine, mode: Generation.Mode, sampling: SamplingSettings,
        seed: UInt64, means: Means
    ) {
        self.engine = engine
        self.means = means
        isChat = mode == .chat || mode == .auto && engine.tokenizer.hasChatTemplate
        state = Mutex(State(settings: ConversationSettings(sampling: sampling, seed: seed)))
    }

    /// Stops the answer that is being written.
    ///
    /// - Returns: false where there is none.
    package func stopAnswer() -> Bool {
        state.withLock { state in
            state.running?.cancel()
            return state.running != nil
        }
    }

    /// Talks until the person ends it.
    package func run() async {
        means.note(
            "\(engine.info.name), \(engine.info.arithmetic). "
                + (isChat
                    ? "/help lists the commands, Ctrl-D ends."
                    : "Each line is a text to be continued; /help lists the commands, Ctrl-D ends.")
        )
        while true {
            switch await means.read("> ") {
            case .end:
                means.write("\n")
                return
            case .interrupted:
                means.write("\n")
                means.note("Ctrl-D or /exit ends.")
            case .line(let line):
                do {
                    guard try await take(line) else { return }
                } catch {
                    means.note("error: \(error)")
                }
            }
        }
    }

    /// Carries out a line.
    ///
    /// - Returns: whether the conversation goes on.
    private func take(_ line: String) async throws -> Bool {
        guard let command = try ConversationCommand(parsing: line) else {
            let text = line.hasPrefix("//") ? String(line.dropFirst()) : line
            if text.contains(where: { !$0.isWhitespace }) { try await answer(text) }
            return true
        }
        switch command {
        case .exit: return false
        case .help: means.note(ConversationCommand.helpText)
        case .reset: state.withLock { $0.messages = [] }
        case .undo: undo()
        case .system(let text): try setSystem(text)
        case .set(let key, let value):
            try state.withLock { try $0.settings.set(key, to: value) }
        case .save(let path): try save(to: path)
        }
        return true
    }

    private func undo() {
        let isDone = state.withLock { state in
            let isThere = !state.messages.isEmpty
            state.messages.removeLast(min(2, state.messages.count))
            return isThere
        }
        if !isDone { means.note("there is nothing to undo") }
    }

    private func setSystem(_ text: String) throws {
        guard isChat else {
            throw RefluxError(
                .usage, found: "/system for a model that continues texts",
                wanted: "a model with a chat template")
        }
        state.withLock { $0.system = text.isEmpty ? nil : text }
    }

    private func save(to path: String) throws {
        guard !Files.exists(path) else {
            throw RefluxError(
                .usage, found: "the file is there already", at: SourceLocation(path: path),
                remedy: "Choose another name.")
        }
        let saved = state.withLock { state in
            SavedConversation(
                model: engine.info.name, sampling: state.settings.sampling,
                seed: state.settings.seed, messages: state.allMessages)
        }
        let text = try JSONText.encode(saved, pretty: true) + "\n"
        try Files.writeAtomically(Data(text.utf8), to: path)
        means.note("\(saved.messages.count) messages in \(path)")
    }

    // MARK: Answers

    private func answer(_ question: String) async throws {
        let request = try state.withLock { state in
            let messages = state.allMessages + [ChatMessage(.user, question)]
            let request = SampleRequest(
                id: "the conversation",
                prompt: try engine.tokenizer.encode(isChat ? .chat(messages) : .text(question)),
                settings: state.settings.sampling,
                key: RandomKey(
                    seed: state.settings.seed, stage: .generate, step: state.answers))
            state.answers += 1
            return request
        }
        guard request.prompt.count < engine.info.contextLength else {
            throw RefluxError(
                .usage,
                found: "the conversation has \(request.prompt.count) tokens with this question",
                wanted: "less than \(engine.info.contextLength), the context of the model",
                remedy: "/undo forgets the last turn, /reset all of them.")
        }
        let shown = ShownAnswer(
            tokenizer: engine.tokenizer, stops: request.settings.stops, write: means.write)
        let task = Task { [engine] in
            try await engine.stream(request) { shown.add($0) }
        }
        state.withLock { $0.running = task }
        let result = await task.result
        state.withLock { $0.running = nil }
        var ending = ""
        switch result {
        case .success(let response):
            shown.finish(response.text)
            if response.finish == .length {
                ending = "cut at max-tokens or the end of the context; "
            }
        case .failure(is CancellationError): ending = "stopped; "
        case .failure(let error):
            means.write("\n")
            throw error
        }
        means.write("\n")
        means.note(ending + shown.speed)
        guard isChat else { return }
        state.withLock {
            $0.messages += [ChatMessage(.user, question), ChatMessage(.assistant, shown.text)]
        }
    }
}

extension Conversation.State {
    /// The messages with the system message before them.
    fileprivate var allMessages: [ChatMessage] {
        (system.map { [ChatMessage(.system, $0)] } ?? []) + messages
    }
}
