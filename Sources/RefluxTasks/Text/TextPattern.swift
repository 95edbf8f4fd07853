import CPCRE2
import RefluxCore

// Every call to PCRE2 stands in this file.

/// A compiled regular expression (PCRE2, UTF-8) whose `\b`, `\d` and `\w` follow Unicode, as those
/// of
/// Python's `re` do; Swift's own `Regex` has other word boundaries (UAX #29).
///
/// Compiled once and just in time; matching is linear as far as the pattern is. Any thread, several
/// at once: each call has its own match data.
///
/// ```swift
/// let strict = try TextPattern(#"#### (\-?[0-9\.\,]+)"#)
/// strict.first(in: "So\n#### 1,200")?[1]  // "1,200"
/// ```
public final class TextPattern: Sendable {
    // Written once in init and only read afterwards, which PCRE2 allows from many threads.
    private nonisolated(unsafe) let code: OpaquePointer

    /// The pattern of a text that stands for itself.
    static func quoted(_ text: String) -> String {
        text.map { "\\#^$.|?*+()[]{}-".contains($0) ? "\\\($0)" : "\($0)" }.joined()
    }

    /// Compiles a pattern.
    ///
    /// - Parameter pattern: PCRE2's syntax; options stand inside, for instance `(?s)` or `(?i)`.
    /// - Throws: `RefluxError` of kind `usage` with PCRE2's message and the offset of the fault.
    public init(_ pattern: String) throws {
        var fault: Int32 = 0
        var offset = 0
        let options = PCRE2_UTF | PCRE2_UCP
        let bytes = Array(pattern.utf8)
        guard
            let code = pcre2_compile_8(bytes, bytes.count, UInt32(options), &fault, &offset, nil)
        else {
            throw RefluxError(
                .usage,
                found: "the pattern \(pattern) is wrong at byte \(offset): \(message(of: fault))",
                wanted: "a regular expression of PCRE2")
        }
        // Where PCRE2 was built without its compiler the interpreter serves.
        pcre2_jit_compile_8(code, UInt32(PCRE2_JIT_COMPLETE))
        self.code = code
    }

    deinit { pcre2_code_free_8(code) }

    /// The first match, or `nil`.
    public func first(in text: String) -> TextMatch? {
        var found: TextMatch?
        forEachMatch(in: text) { match in
            found = match
            return false
        }
        return found
    }

    /// The last of the matches that do not overlap, found from the left, or `nil`.
    public func last(in text: String) -> TextMatch? {
        var found: TextMatch?
        forEachMatch(in: text) { match in
            found = match
            return true
        }
        return found
    }

    /// All matches that do not overlap, from the left.
    public func all(in text: String) -> [TextMatch] {
        var found: [TextMatch] = []
        forEachMatch(in: text) { match in
            found.append(match)
            return true
        }
        return found
    }

    /// Walks the matches as Python's `re.finditer` does; the body returns whether to go on.
    private func forEachMatch(in text: String, _ body: (TextMatch) -> Bool) {
        guard let data = pcre2_match_data_create_from_pattern_8(code, nil) else { return }
        defer { pcre2_match_data_free_8(data) }
        var text = text
        text.withUTF8 { bytes in
            var start = 0
            var options: UInt32 = 0
            while start <= bytes.count {
                guard match(bytes, from: start, options: options, into: data) else {
                    // Behind an empty match: look again one character on.
                    guard options != 0, start < bytes.count else { return }
                    options = 0
                    start += 1
                    while start < bytes.count, bytes[start] & 0xC0 == 0x80 { start += 1 }
                    continue
                }
                let match = TextMatch(data, in: bytes)
                guard body(match) else { return }
                start = match.range.upperBound
                // No second empty match at the place where this one ended.
                options = match.range.isEmpty ? notEmptyHere : 0
            }
        }
    }

    private let notEmptyHere = UInt32(PCRE2_NOTEMPTY_ATSTART) | UInt32(PCRE2_ANCHORED)

    private func match(
        _ bytes: UnsafeBufferPointer<UInt8>, from start: Int, options: UInt32,
        into data: OpaquePointer
    ) -> Bool {
        // Swift's strings are valid UTF-8: no need to look again at each call.
        let options = options | UInt32(PCRE2_NO_UTF_CHECK)
        // An empty string may have no address, which PCRE2 does not accept.
        var nothing: UInt8 = 0
        return withUnsafePointer(to: &nothing) { nothing in
            let text = bytes.baseAddress ?? nothing
            let code = pcre2_match_8(self.code, text, bytes.count, start, options, data, nil)
            guard code == PCRE2_ERROR_JIT_STACKLIMIT else { return code > 0 }
            let interpreted = options | UInt32(PCRE2_NO_JIT)
            return pcre2_match_8(self.code, text, bytes.count, start, interpreted, data, nil) > 0
        }
    }
}

/// A match of a ``TextPattern``.
public struct TextMatch: Sendable, Equatable {
    /// Where the whole match stands, in UTF-8 bytes from the start of the text.
    public let range: Range<Int>
    private let groups: [String?]

    /// The text of a group: 0 is the whole match. `nil` for a group that took no part.
    public subscript(group: Int) -> String? {
        groups.indices.contains(group) ? groups[group] : nil
    }

    fileprivate init(_ data: OpaquePointer, in bytes: UnsafeBufferPointer<UInt8>) {
        let count = Int(pcre2_get_ovector_count_8(data))
        let offsets = pcre2_get_ovector_pointer_8(data)
        var ranges: [Range<Int>?] = []
        for group in 0..<count {
            // PCRE2_UNSET, a group that took no part, reads as -1; `\K` may turn a range round.
            guard let offsets, offsets[2 * group] >= 0,
                offsets[2 * group] <= offsets[2 * group + 1]
            else {
                ranges.append(nil)
                continue
            }
            ranges.append(offsets[2 * group]..<offsets[2 * group + 1])
        }
        range = (ranges.first ?? nil) ?? 0..<0
        groups = ranges.map { range in
            range.map { String(decoding: UnsafeBufferPointer(rebasing: bytes[$0]), as: UTF8.self) }
        }
    }
}

private func message(of fault: Int32) -> String {
    var buffer = [UInt8](repeating: 0, count: 256)
    let count = pcre2_get_error_message_8(fault, &buffer, buffer.count)
    return String(decoding: buffer.prefix(Int(max(0, count))), as: UTF8.self)
}
