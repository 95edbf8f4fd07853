import RefluxCore

// Prompts, examples, responses: the values that rules, tasks, teachers and reward models share.

extension Prompt: WireCodable {
    func encode(to writer: inout WireWriter) {
        writer.write(id)
        writer.write(index)
        switch content {
        case .text(let text):
            writer.write(UInt8(0))
            writer.write(text)
        case .chat(let messages):
            writer.write(UInt8(1))
            writer.write(messages) { writer, message in
                writer.write(raw: message.role)
                writer.write(message.content)
            }
        }
        writer.write(stops) { $0.write($1) }
    }

    init(from reader: inout WireReader) throws(WireError) {
        self.init(
            id: try reader.read(), index: try reader.read(),
            content: try Self.content(from: &reader),
            stops: try reader.array { reader throws(WireError) in try reader.read(String.self) })
    }

    private static func content(from reader: inout WireReader) throws(WireError) -> Content {
        switch try reader.read(UInt8.self) {
        case 0:
            return .text(try reader.read())
        case 1:
            return .chat(
                try reader.array { reader throws(WireError) in
                    ChatMessage(try reader.read(raw: ChatMessage.Role.self), try reader.read())
                })
        case let other:
            throw WireError("content of the sort \(other)")
        }
    }
}

extension Example: WireCodable {
    func encode(to writer: inout WireWriter) {
        writer.write(id)
        writer.write(index)
        writer.write(question)
        for text in [gold, solution, category] { writer.write(text) { $0.write($1) } }
        writer.write(options) { writer, options in writer.write(options) { $0.write($1) } }
    }

    init(from reader: inout WireReader) throws(WireError) {
        self.init(
            id: try reader.read(), index: try reader.read(), question: try reader.read(),
            gold: try reader.optionalText(), solution: try reader.optionalText(),
            category: try reader.optionalText(),
            options: try reader.optional { reader throws(WireError) in
                try reader.array { reader throws(WireError) in try reader.read(String.self) }
            })
    }
}

extension Response: WireCodable {
    func encode(to writer: inout WireWriter) {
        writer.write(promptID)
        writer.write(text)
        writer.write(raw: role)
        writer.write(source)
        writer.write(model)
        writer.write(sample)
        writer.write(temperature) { $0.write($1) }
        writer.write(seed) { $0.write($1) }
        writer.write(raw: finish)
        writer.write(tokenCount) { $0.write($1) }
        writer.write(meanLogProbability) { $0.write($1) }
        writer.write(weight)
    }

    init(from reader: inout WireReader) throws(WireError) {
        self.init(
            promptID: try reader.read(), text: try reader.read(),
            role: try reader.read(raw: Role.self),
            source: try reader.read(), model: try reader.read(), sample: try reader.read(),
            temperature: try reader.optional { reader throws(WireError) in try reader.read() },
            seed: try reader.optional { reader throws(WireError) in try reader.read() },
            finish: try reader.read(raw: FinishReason.self),
            tokenCount: try reader.optional { reader throws(WireError) in try reader.read() },
            meanLogProbability: try reader.optional { reader throws(WireError) in
                try reader.read()
            }, weight: try reader.read())
    }
}

extension WireReader {
    /// Reads a text that may be absent.
    mutating func optionalText() throws(WireError) -> String? {
        try optional { reader throws(WireError) in try reader.read(String.self) }
    }

    /// Reads texts.
    mutating func texts() throws(WireError) -> [String] {
        try array { reader throws(WireError) in try reader.read(String.self) }
    }
}
