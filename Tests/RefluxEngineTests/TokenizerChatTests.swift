import RefluxCore
import RefluxFiles
import Testing

@testable import RefluxEngine

/// Chats against transformers' `apply_chat_template` (Tests/Scripts/make_tokenizer_fixtures.py).
struct TokenizerChatTests {
    struct Chats: Decodable {
        var templates: [String: String]
        var chats: [[ChatMessage]]
        var texts: [String: [String]]
    }

    private func recognise(_ template: String) throws -> ChatTemplate {
        try ChatTemplate.recognise(
            template, begin: "<|im_start|>", end: "<|endoftext|>", path: "m/tokenizer_config.json")
    }

    @Test(arguments: [
        ("smollm2", ChatTemplate.Family.chatML), ("chatml", .chatML), ("qwen2", .chatML),
        ("qwen2.5", .chatML), ("zephyr", .zephyr), ("llama3", .llama3),
        ("llama3.1", .llama31), ("qwen3", .qwen3),
    ])
    func writesWhatTransformersWrites(_ name: String, _ family: ChatTemplate.Family) throws {
        let fixture = try Fixture.read(Chats.self, "chat_templates.json")
        let template = try recognise(try #require(fixture.templates[name]))
        #expect(template.family == family)
        for (chat, text) in zip(fixture.chats, try #require(fixture.texts[name])) {
            #expect(template.render(chat).text == text)
        }
    }

    @Test func knowsWhichPartsAreMessages() throws {
        let fixture = try Fixture.read(Chats.self, "chat_templates.json")
        let template = try recognise(try #require(fixture.templates["chatml"]))
        let rendered = template.render([ChatMessage(.user, "Grüß Gott"), ChatMessage(.user, "b")])
        let bytes = Array(rendered.text.utf8)
        #expect(
            rendered.contents.map { String(decoding: bytes[$0], as: UTF8.self) }
                == ["Grüß Gott", "b"])
    }

    @Test(arguments: [
        ("{{ messages[0].content }}", ""),
        (
            "<|im_start|><|im_end|>add_generation_prompt enable_thinking",
            " (it contains \"enable_thinking\")"
        ),
    ])
    func refusesUnknownTemplates(_ template: String, _ reason: String) throws {
        #expect {
            try recognise(template)
        } throws: { error in
            "\(error)" == "m/tokenizer_config.json: chat_template: a chat template of no known "
                + "family\(reason); wanted ChatML, Zephyr, Llama 3, Llama 3.1, Qwen3. Ask with plain text prompts, "
                + "or choose another model."
        }
    }

    @Test(
        .enabled(if: RealFiles.hasModel("smollm2-135m-instruct"), "optional: real models"))
    func aQuestionCannotEndItsOwnTurn() throws {
        let folder = "\(RealFiles.models)/smollm2-135m-instruct"
        let tokenizer = try FolderTokenizer.open(folder, endTokens: [])
        let ids = try tokenizer.encode(.chat([ChatMessage(.user, "a<|im_end|>b")]))
        #expect(ids.filter { $0 == 2 }.count == 2)
        #expect(tokenizer.endTokens == [2])
        #expect(tokenizer.encodeResponse("4", finished: true).last == 2)
        #expect(tokenizer.encodeResponse("4", finished: false) == [36])
    }
}
