import CPCRE2
import Foundation
import RefluxCore

/// A regular expression of a tokenizer, compiled by PCRE2: the one file that calls it here.
///
/// The patterns were written for Oniguruma, which `tokenizers` uses. Both agree on these patterns
/// but for `\s`, which in PCRE2 also matches U+180E; it is therefore written out.
///
/// Compiled code is never changed after `init`, so matching is safe from any thread.
final class CompiledPattern: @unchecked Sendable {
    private let code: OpaquePointer

    /// Compiles a pattern.
    ///
    /// - Throws: `RefluxError` of kind `input` that names the file.
    init(_ pattern: String, at place: SourceLocation) throws {
        let bytes = Array(Self.withPlainSpaces(pattern).utf8)
        var errorCode: Int32 = 0
        var errorOffset = 0
        let options = PCRE2_UTF | PCRE2_UCP | PCRE2_NEVER_BACKSLASH_C
        guard
            let code = pcre2_compile_8(
                bytes, bytes.count, UInt32(options), &errorCode, &errorOffset, nil)
        else {
            throw RefluxError(
                .input, found: "the pattern \"\(pattern)\" is wrong: \(Self.message(errorCode))",
                at: place, wanted: "a regular expression", remedy: "Check the file.")
        }
        // Without JIT, matching works all the same, only slower.
        _ = pcre2_jit_compile_8(code, UInt32(PCRE2_JIT_COMPLETE))
        self.code = code
    }

    deinit { pcre2_code_free_8(code) }

    /// The matches in UTF-8 text, in order and without overlap; empty ones are left out. Text
    /// outside `text` is not looked at.
    func matches(in text: ArraySlice<UInt8>) -> [Range<Int>] {
        text.withUnsafeBufferPointer { bytes in
            guard let start = bytes.baseAddress,
                let data = pcre2_match_data_create_from_pattern_8(code, nil)
            else { return [] }
            defer { pcre2_match_data_free_8(data) }
            var found: [Range<Int>] = []
            var position = 0
            while position < bytes.count, let match = next(start, bytes.count, position, data) {
                if match.isEmpty {
                    position = match.upperBound + 1
                    while position < bytes.count, bytes[position] & 0xC0 == 0x80 { position += 1 }
                } else {
                    let base = text.startIndex
                    found.append(base + match.lowerBound..<base + match.upperBound)
                    position = match.upperBound
                }
            }
            return found
        }
    }

    private func next(
        _ text: UnsafePointer<UInt8>, _ count: Int, _ position: Int, _ data: OpaquePointer
    ) -> Range<Int>? {
        let options = UInt32(PCRE2_NO_UTF_CHECK)
        var result = pcre2_match_8(code, text, count, position, options, data, nil)
        if result == PCRE2_ERROR_JIT_STACKLIMIT {
            // The interpreter keeps its stack on the heap.
            let slow = options | UInt32(PCRE2_NO_JIT)
            result = pcre2_match_8(code, text, count, position, slow, data, nil)
        }
        guard result > 0, let vector = pcre2_get_ovector_pointer_8(data), vector[0] <= vector[1]
        else { return nil }
        return vector[0]..<vector[1]
    }

    /// Writes `\s` and `\S` out as the White_Space characters of Unicode.
    private static func withPlainSpaces(_ pattern: String) -> String {
        let spaces = #"\t-\r\x{85}\p{Z}"#
        var result = ""
        var isInClass = false
        var characters = pattern.makeIterator()
        while let character = characters.next() {
            guard character == "\\", let escaped = characters.next() else {
                if character == "[" { isInClass = true }
                if character == "]" { isInClass = false }
                result.append(character)
                continue
            }
            switch escaped {
            case "s": result += isInClass ? spaces : "[\(spaces)]"
            case "S" where !isInClass: result += "[^\(spaces)]"
            default: result += "\\\(escaped)"
            }
        }
        return result
    }

    private static func message(_ code: Int32) -> String {
        var text = [UInt8](repeating: 0, count: 256)
        let count = pcre2_get_error_message_8(code, &text, text.count)
        return String(decoding: text.prefix(max(0, Int(count))), as: UTF8.self)
    }
}
