import Foundation
import RefluxCore
import RefluxEngine
import RefluxTerminal
import Synchronization
import Testing

@testable import RefluxPipeline

/// A folder with a small random model that has a chat template.
struct TalkingModel {
    static let template =
        "{% for message in messages %}{{'<|im_start|>' + message['role'] + '\\n' + "
        + "message['content'] + '<|im_end|>' + '\\n'}}{% endfor %}"
        + "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}"

    let folder: TemporaryFolder
    var path: String { "\(folder.path)/model" }

    init(hasTemplate: Bool = true, contextLength: Int = 2048) async throws {
        folder = try TemporaryFolder()
        try await ModelFolderFactory.create(
            at: "\(folder.path)/model",
            blueprint: ModelBlueprint(
                layers: 1, width: 16, heads: 2, keyValueHeads: 1, feedForward: 32,
                contextLength: contextLength, vocabularySize: 280),
            corpus: ["Who are you? I am a model.", "é ü 😀 日本"], seed: 5)
        if hasTemplate { try folder.write(Self.template, to: "model/chat_template.jinja") }
    }

    func open() async throws -> any LanguageModelEngine {
        try await builtInModels().open(path, options: ModelOptions(precision: .float32))
    }
}

/// A person who says prepared lines, and what was shown to them.
final class Person: Sendable {
    private struct State {
        var lines: [LineInput]
        var shown = ""
        var notes: [String] = []
    }

    private let state: Mutex<State>

    init(_ lines: [LineInput]) { state = Mutex(State(lines: lines)) }

    convenience init(says lines: String...) { self.init(lines.map(LineInput.line)) }

    var shown: String { state.withLock { $0.shown } }
    var notes: String { state.withLock { $0.notes.joined(separator: "\n") } }

    func means(written: @escaping @Sendable () -> Void = {}) -> Conversation.Means {
        Conversation.Means(
            read: { _ in
                self.state.withLock { $0.lines.isEmpty ? .end : $0.lines.removeFirst() }
            },
            write: { text in
                self.state.withLock { $0.shown += text }
                written()
            },
            note: { note in self.state.withLock { $0.notes.append(note) } })
    }
}

@Suite struct ConversationTests {
    private let sampling = SamplingSettings(temperature: 0.7, maxTokens: 12)

    private func talk(_ model: TalkingModel, _ person: Person) async throws {
        let conversation = Conversation(
            with: try await model.open(), mode: .auto, sampling: sampling, seed: 4,
            means: person.means())
        await conversation.run()
    }

    /// What the model answers to messages, without a conversation.
    private func answer(
        _ model: TalkingModel, to messages: [ChatMessage], turn: Int
    ) async throws -> String {
        let engine = try await model.open()
        let request = SampleRequest(
            id: "r", prompt: try engine.tokenizer.encode(.chat(messages)), settings: sampling,
            key: RandomKey(seed: 4, stage: .generate, step: turn))
        return try await engine.sample([request])[0][0].text
    }

    @Test func theModelSeesTheWholeConversation() async throws {
        let model = try await TalkingModel()
        let file = "\(model.folder.path)/talk.json"
        let person = Person(
            says: "/system Be brief.", "Who are you?", "Why?", "/save \(file)", "/save \(file)")
        try await talk(model, person)
        var messages = [ChatMessage(.system, "Be brief."), ChatMessage(.user, "Who are you?")]
        let first = try await answer(model, to: messages, turn: 0)
        messages += [ChatMessage(.assistant, first), ChatMessage(.user, "Why?")]
        let second = try await answer(model, to: messages, turn: 1)
        messages.append(ChatMessage(.assistant, second))
        #expect(person.shown == "\(first)\n\(second)\n\n")
        let saved = try JSONDecoder().decode(
            SavedConversation.self, from: Data(try model.folder.read("talk.json").utf8))
        #expect(saved.messages == messages)
        #expect(saved.sampling == sampling)
        #expect(person.notes.contains("the file is there already"))
        #expect(person.notes.contains("tokens/s"))
    }

    @Test func undoAndResetForget() async throws {
        let model = try await TalkingModel()
        let person = Person(
            says: "One?", "Two?", "/undo", "Two again?", "/reset", "Alone?", "/undo")
        try await talk(model, person)
        let one = try await answer(model, to: [ChatMessage(.user, "One?")], turn: 0)
        let history = [ChatMessage(.user, "One?"), ChatMessage(.assistant, one)]
        let again = try await answer(
            model, to: history + [ChatMessage(.user, "Two again?")], turn: 2)
        let alone = try await answer(model, to: [ChatMessage(.user, "Alone?")], turn: 3)
        let shown = person.shown.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(person.shown.contains("\n\(again)\n\(alone)\n"), "\(shown)")
    }

    @Test func settingsAreCheckedAndTold() async throws {
        let model = try await TalkingModel()
        let person = Person(
            says: "/set temperature 0", "/set top-p 2", "/set temprature 1", "/set", "/foo",
            "/reset now", "/help", "//slash", "   ", "/save", "/undo", "/undo")
        try await talk(model, person)
        for part in [
            "top-p 2; wanted above 0, at most 1", "Did you mean \"temperature\"?",
            "/set without a value", "unknown command /foo", "/reset takes nothing behind it",
            "/save without a file", "there is nothing to undo", "/system TEXT",
        ] {
            #expect(person.notes.contains(part), "\(part) in \(person.notes)")
        }
        // One answer alone: to "/slash".
        #expect(person.notes.split(separator: "\n").count { $0.contains("the first after") } == 1)
    }

    @Test func anAnswerCanBeStopped() async throws {
        let model = try await TalkingModel()
        let person = Person(says: "Talk!", "/save \(model.folder.path)/talk.json")
        let box = Mutex<Conversation?>(nil)
        let conversation = Conversation(
            with: try await model.open(), mode: .auto,
            sampling: SamplingSettings(temperature: 1, maxTokens: 1500), seed: 4,
            means: person.means { _ = box.withLock { $0 }?.stopAnswer() })
        box.withLock { $0 = conversation }
        await conversation.run()
        box.withLock { $0 = nil }
        #expect(person.notes.contains("stopped; "))
        #expect(!conversation.stopAnswer())
        let saved = try JSONDecoder().decode(
            SavedConversation.self, from: Data(try model.folder.read("talk.json").utf8))
        // What was shown stays in the history.
        #expect(saved.messages.count == 2)
        #expect(saved.messages[1].content.count < 40)
        #expect(person.shown.hasPrefix(saved.messages[1].content))
    }

    @Test func aConversationThatIsTooLongSaysWhatToDo() async throws {
        let model = try await TalkingModel(contextLength: 160)
        let person = Person(says: String(repeating: "long ", count: 60), "Hi")
        try await talk(model, person)
        #expect(person.notes.contains("/undo forgets the last turn"))
        #expect(person.notes.contains("the first after"))
    }

    @Test func aModelWithoutATemplateContinuesTexts() async throws {
        let model = try await TalkingModel(hasTemplate: false)
        let person = Person(says: "Who are", "/system x", "Who are")
        try await talk(model, person)
        #expect(person.notes.contains("Each line is a text to be continued"))
        #expect(person.notes.contains("/system for a model that continues texts"))
    }

    @Test func interruptionsOfAPromptEndNothing() async throws {
        let model = try await TalkingModel()
        let person = Person([.interrupted, .line("/exit"), .line("never")])
        try await talk(model, person)
        #expect(person.notes.contains("Ctrl-D or /exit ends."))
        #expect(!person.notes.contains("the first after"))
    }

    // MARK: Streamed text

    private func stream(
        _ tokens: [Int32], _ tokenizer: any Tokenizer, stops: [String], whole: String
    ) -> [String] {
        var stream = StreamedText(tokenizer: tokenizer, stops: stops)
        return tokens.map { stream.add($0) } + [stream.finish(whole)]
    }

    @Test func charactersComeWhole() async throws {
        let tokenizer = try await TalkingModel().open().tokenizer
        let text = "naïve 日本語 😀👩‍👩‍👧 end"
        let tokens = tokenizer.encode(text, parseSpecial: false)
        #expect(tokens.count > text.count)
        let parts = stream(tokens, tokenizer, stops: [], whole: text)
        #expect(parts.joined() == text)
        #expect(!parts.contains { $0.contains("\u{FFFD}") })
        #expect(parts.last == "")
    }

    @Test func brokenBytesDoNotHoldTheTextUp() async throws {
        let tokenizer = try await TalkingModel().open().tokenizer
        let half = tokenizer.encode("é", parseSpecial: false).prefix(1)
        let tokens = Array(half) + tokenizer.encode(" and more text follows", parseSpecial: false)
        let whole = tokenizer.decode(tokens, skipSpecial: true)
        let parts = stream(tokens, tokenizer, stops: [], whole: whole)
        #expect(parts.joined() == whole)
        #expect(parts.dropLast().joined().hasSuffix("follows"))
    }

    @Test(arguments: [["more"], ["and m", "zzz"], ["text follows!"], ["d"]])
    func stopTextsAreNeverShown(_ stops: [String]) async throws {
        let tokenizer = try await TalkingModel().open().tokenizer
        let text = "one and more text follows"
        let tokens = tokenizer.encode(text, parseSpecial: false)
        let first = stops.compactMap { text.range(of: $0)?.lowerBound }.min()
        let whole = first.map { String(text[..<$0]) } ?? text
        #expect(stream(tokens, tokenizer, stops: stops, whole: whole).joined() == whole)
    }
}
