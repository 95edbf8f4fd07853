import RefluxCore

/// How the texts of tokens become one text, where tokens are texts and not bytes.
struct TokenDecoder: Sendable {
    private enum Step: Sendable {
        case replace([UInt8], with: [UInt8])
        case byteFallback
        case fuse
        /// At most so many times the character, at the start and at the end of each part.
        case strip(UInt8, start: Int, stop: Int)
        case metaspace(Metaspace)
    }

    private var steps: [Step] = []

    /// Reads the decoder of a file.
    ///
    /// - Throws: `RefluxError` of kind `input` that names a decoder which is not supported.
    init(_ component: TokenizerFile.Component?, path: String) throws {
        let place = SourceLocation(path: path, key: "decoder")
        for part in Self.parts(component) {
            switch part.type {
            case "Replace":
                let (old, new) = try part.replacementOfText(at: place)
                steps.append(.replace(old, with: new))
            case "ByteFallback": steps.append(.byteFallback)
            case "Fuse": steps.append(.fuse)
            case "Metaspace": steps.append(.metaspace(try Metaspace(part, at: place)))
            case "Strip":
                guard let content = part.content?.utf8, let byte = content.first,
                    content.count == 1, let start = part.start, let stop = part.stop
                else {
                    throw RefluxError(
                        .input, found: "a Strip of \"\(part.content ?? "")\"", at: place,
                        wanted: "one ASCII character, and how often it is taken off",
                        remedy: "Download the file again.")
                }
                steps.append(.strip(byte, start: start, stop: stop))
            case let other:
                throw RefluxError(
                    .input, found: "the decoder \(other)", at: place,
                    wanted: "Replace, ByteFallback, Fuse, Strip or Metaspace",
                    remedy: "Choose a model with a byte-level BPE tokenizer.")
            }
        }
    }

    /// The decoders that a component holds, one after the other.
    static func parts(_ component: TokenizerFile.Component?) -> [TokenizerFile.Component] {
        component?.type == "Sequence"
            ? component?.decoders ?? [] : component.map { [$0] } ?? []
    }

    /// The text of tokens, given as UTF-8.
    func decode(_ tokens: [[UInt8]]) -> String {
        let parts = steps.reduce(tokens) { parts, step in
            switch step {
            case .replace(let old, let new): parts.map { $0.replacing(old, with: new) }
            case .byteFallback: Self.joiningBytes(parts)
            case .fuse: [Array(parts.joined())]
            case .strip(let byte, let start, let stop):
                parts.map { Self.stripping($0, byte, start: start, stop: stop) }
            case .metaspace(let metaspace):
                parts.enumerated().map { index, part in
                    // The one that was set before the text.
                    let isFirst = index == 0 && metaspace.scheme != .never
                    return part.replacing(
                        metaspace.replacement, with: isFirst ? [] : [UInt8(ascii: " ")])
                }
            }
        }
        return String(decoding: parts.joined(), as: UTF8.self)
    }

    /// Byte tokens that follow one another become characters; where they are no UTF-8, each becomes
    /// a replacement character.
    private static func joiningBytes(_ parts: [[UInt8]]) -> [[UInt8]] {
        var result: [[UInt8]] = []
        var bytes: [UInt8] = []
        func flush() {
            guard !bytes.isEmpty else { return }
            let isText = String(validating: bytes, as: UTF8.self) != nil
            let broken = Array("\u{FFFD}".utf8)
            result += isText ? [bytes] : bytes.map { _ in broken }
            bytes = []
        }
        for part in parts {
            if let byte = ByteToken.byte(part) {
                bytes.append(byte)
            } else {
                flush()
                result.append(part)
            }
        }
        flush()
        return result
    }

    private static func stripping(
        _ part: [UInt8], _ byte: UInt8, start: Int, stop: Int
    ) -> [UInt8] {
        let before = min(part.prefix { $0 == byte }.count, max(0, start))
        let rest = part.dropFirst(before)
        let after = min(rest.reversed().prefix { $0 == byte }.count, max(0, stop))
        return Array(rest.dropLast(after))
    }
}
