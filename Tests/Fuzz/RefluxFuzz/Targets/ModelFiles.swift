import RefluxCore
import RefluxEngine

/// Readers of model files.
extension FuzzTargets {
    /// Headers of safetensors files: beyond not trapping, every tensor lies inside the file.
    @Sendable package static func safetensors(data: String?) throws -> FuzzTarget {
        let header =
            #"{"a":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]},"#
            + #""__metadata__":{"format":"pt"},"b":{"dtype":"BF16","shape":[3],"#
            + #""data_offsets":[8,14]}}"#
        return FuzzTarget(
            name: "safetensors", seeds: [wrapped(header, data: 14), wrapped("{}", data: 0)],
            words: [
                "{", "}", "\"dtype\":", "\"F16\"", "\"F8_E4M3\"", "\"shape\":[", "-1",
                "9223372036854775807", "\"data_offsets\":[0,8]", "\"__metadata__\"", "\"a\":", "[[",
            ],
            timed: [("header", { _ = try? ReadersOfBytes.safetensors($0) })],
            shapes: [
                FuzzShape("many tensors") { bytes in
                    let entries = (0..<max(1, bytes / 60)).map {
                        #""t\#($0)":{"dtype":"U8","shape":[1],"data_offsets":[\#($0),\#($0 + 1)]}"#
                    }
                    return wrapped("{\(entries.joined(separator: ","))}", data: entries.count)
                }
            ]
        ) { input in
            try refusing { _ = try ReadersOfBytes.safetensors(input) }
        }
    }

    /// GGUF files: header, configuration, tokenizer, and the blocks of the tensors.
    @Sendable package static func gguf(data: String?) throws -> FuzzTarget {
        FuzzTarget(
            name: "gguf", seeds: [GGUFSeed.bytes, GGUFSeed.characters],
            words: [
                "general.architecture", "llama", "qwen3", "general.alignment", "token_embd.weight",
                "tokenizer.ggml.merges", "\u{8}\0\0\0", "\u{9}\0\0\0\u{8}\0\0\0",
                "\u{1}\0\0\0\0\0\0\0", "llama.attention.head_count",
            ], longest: 8192,
            timed: [("file", { _ = try? ReadersOfBytes.gguf($0) })],
            shapes: [
                FuzzShape("many tokens") { GGUFSeed.file(tokens: max(1, $0 / 20)) }
            ]
        ) { input in
            try refusing { _ = try ReadersOfBytes.gguf(input) }
        }
    }

    /// `tokenizer.json`: what is read must also encode and decode a text without trapping.
    @Sendable package static func tokenizer(data: String?) throws -> FuzzTarget {
        let text = "Tom has 37 apples.\n\n Größe: 日本語 <e> <s>a  b"
        return FuzzTarget(
            name: "tokenizer", seeds: TokenizerSeed.all.map { Array($0.utf8) },
            words: [
                "\"type\":\"Sequence\"", "\"type\":\"Split\"", "\"Metaspace\"", "\"ByteLevel\"",
                "\"Regex\":\"\\\\s+\"", "\"(a+)+$\"", "\"String\":\"\"", "null", "true", "-1",
                "2147483648", "\"merges\":[[\"a\",\"b\"]]", "\"<0x00>\"", "\"\\u2581\"", "\"NFC\"",
                "\"prepend_scheme\":\"first\"", "\"byte_fallback\":true",
            ], longest: 4096
        ) { input in
            try refusing { _ = try ReadersOfBytes.tokenizer(input, text: text) }
        }
    }

    /// Errors must be values that users can read, and none may speak of something impossible.
    private static func refusing(_ body: () throws -> Void) throws {
        do {
            try body()
        } catch let error as RefluxError where error.kind != .internalFault {
            return
        } catch {
            throw FuzzFinding("\(type(of: error)): \(error)")
        }
    }

    private static func wrapped(_ header: String, data: Int) -> [UInt8] {
        let text = Array(header.utf8)
        return (0..<8).map { UInt8(truncatingIfNeeded: text.count >> (8 * $0)) } + text
            + [UInt8](repeating: 1, count: data)
    }
}
