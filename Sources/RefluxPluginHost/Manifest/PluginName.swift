/// The names that plugins, extensions and settings may have.
package enum PluginName {
    /// Bytes.
    static let limit = 64

    /// Whether a text is a plugin's id: words of `a`–`z` and digits, joined by single hyphens or
    /// dots, at most 64 bytes. Such a text is also safe as the name of a folder.
    package static func isPluginID(_ text: String) -> Bool {
        isJoined(text, by: [UInt8(ascii: "-"), UInt8(ascii: ".")])
    }

    /// Whether a text is an extension's id: as a plugin's, without dots.
    package static func isExtensionID(_ text: String) -> Bool {
        isJoined(text, by: [UInt8(ascii: "-")])
    }

    /// Whether a text is the key of a setting: words of `a`–`z` and digits, joined by single
    /// underscores, beginning with a letter, at most 64 bytes.
    static func isSetting(_ text: String) -> Bool {
        isJoined(text, by: [UInt8(ascii: "_")]) && text.utf8.first.map(isDigit) == false
    }

    /// Whether a text is a version by SemVer 2.0.0.
    package static func isVersion(_ text: String) -> Bool {
        let build = text.split(separator: "+", maxSplits: 1, omittingEmptySubsequences: false)
        let main = build[0].split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        let numbers = main[0].split(separator: ".", omittingEmptySubsequences: false)
        guard numbers.count == 3, numbers.allSatisfy(isNumber) else { return false }
        if main.count == 2 {
            let parts = main[1].split(separator: ".", omittingEmptySubsequences: false)
            guard
                parts.allSatisfy({
                    isIdentifier($0) && (!$0.utf8.allSatisfy(isDigit) || isNumber($0))
                })
            else { return false }
        }
        guard build.count == 2 else { return true }
        return build[1].split(separator: ".", omittingEmptySubsequences: false)
            .allSatisfy(isIdentifier)
    }

    private static func isJoined(_ text: String, by joints: [UInt8]) -> Bool {
        let words = text.utf8.split(
            omittingEmptySubsequences: false, whereSeparator: joints.contains)
        return text.utf8.count <= limit
            && words.allSatisfy { word in
                !word.isEmpty && word.allSatisfy { isDigit($0) || isLowerCase($0) }
            }
    }

    /// Digits without a leading zero.
    private static func isNumber(_ text: Substring) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy(isDigit) && (text == "0" || !text.hasPrefix("0"))
    }

    private static func isIdentifier(_ text: Substring) -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy {
                isDigit($0) || isLowerCase($0 | 0x20) || $0 == UInt8(ascii: "-")
            }
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    private static func isLowerCase(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
    }
}
