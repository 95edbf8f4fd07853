/// GPT-2's alphabet: each byte is written as one printable character, so that tokens of arbitrary
/// bytes can stand in JSON (Radford et al. 2019, `bytes_to_unicode`).
///
/// Printable Latin-1 bytes stand for themselves; the other 68 take the characters from U+0100 on,
/// in order.
enum ByteAlphabet {
    /// The character of each byte. `[256]`
    static let characters: [Unicode.Scalar] = {
        var next: UInt32 = 0x100
        return (0..<256).map { byte in
            if (0x21...0x7E).contains(byte) || (0xA1...0xAC).contains(byte)
                || (0xAE...0xFF).contains(byte)
            {
                return Unicode.Scalar(UInt8(byte))
            }
            defer { next += 1 }
            return Unicode.Scalar(next) ?? " "
        }
    }()

    /// The byte of each character below U+0144, or -1.
    private static let bytes: [Int16] = {
        var table = [Int16](repeating: -1, count: 0x144)
        for (byte, character) in characters.enumerated() {
            table[Int(character.value)] = Int16(byte)
        }
        return table
    }()

    /// The bytes that a token's text stands for, or `nil` when it leaves the alphabet.
    static func decode(_ token: String) -> [UInt8]? {
        var result: [UInt8] = []
        result.reserveCapacity(token.utf8.count)
        for character in token.unicodeScalars {
            guard character.value < 0x144, bytes[Int(character.value)] >= 0 else { return nil }
            result.append(UInt8(bytes[Int(character.value)]))
        }
        return result
    }

    /// The text of a token of these bytes.
    static func encode(_ bytes: some Sequence<UInt8>) -> String {
        var text = String.UnicodeScalarView()
        for byte in bytes { text.append(characters[Int(byte)]) }
        return String(text)
    }
}
