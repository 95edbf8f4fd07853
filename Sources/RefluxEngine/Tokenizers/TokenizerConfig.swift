import Foundation
import RefluxCore
import RefluxFiles

/// `tokenizer_config.json` and `chat_template.jinja` of a model folder.
struct TokenizerConfig: Decodable {
    var begin: Name?
    var end: Name?
    var chatTemplate: Template?

    enum CodingKeys: String, CodingKey {
        case begin = "bos_token"
        case end = "eos_token"
        case chatTemplate = "chat_template"
    }

    /// A token's text, alone or with its options.
    struct Name: Decodable {
        let text: String

        private struct Options: Decodable { let content: String }

        init(from decoder: any Decoder) throws {
            let value = try decoder.singleValueContainer()
            if let text = try? value.decode(String.self) {
                self.text = text
            } else {
                text = try value.decode(Options.self).content
            }
        }
    }

    /// A template's text, alone or as one of several by name.
    struct Template: Decodable {
        let text: String?

        private struct Named: Decodable { let name: String, template: String }

        init(from decoder: any Decoder) throws {
            let value = try decoder.singleValueContainer()
            if let text = try? value.decode(String.self) {
                self.text = text
            } else {
                text = try value.decode([Named].self).first { $0.name == "default" }?.template
            }
        }
    }

    /// What the files say: special tokens by their texts, and the template with the file it is in.
    struct Texts: Sendable {
        var begin: String?
        var end: String?
        var template: (text: String, path: String)?
    }

    /// Reads the files of a folder; both may be missing.
    ///
    /// - Throws: `RefluxError` of kind `input` that names the file and the key.
    static func read(folder: String) throws -> Texts {
        let path = "\(folder)/tokenizer_config.json"
        let own = "\(folder)/chat_template.jinja"
        let config =
            Files.exists(path)
            ? try JSONText.decode(TokenizerConfig.self, from: Files.read(path), path: path) : nil
        if Files.exists(own) {
            return Texts(
                begin: config?.begin?.text, end: config?.end?.text,
                template: (try Files.readText(own), own))
        }
        return Texts(
            begin: config?.begin?.text, end: config?.end?.text,
            template: config?.chatTemplate?.text.map { (text: $0, path: path) })
    }
}
