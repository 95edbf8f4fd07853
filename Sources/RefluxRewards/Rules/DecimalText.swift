/// A number written in decimal digits, with a sign and a decimal point where it has them, compared
/// exactly whatever its length: `-12`, `3.50`, `.5`. Neither exponents nor separators.
struct DecimalText: Comparable {
    private let isNegative: Bool
    /// The digits before the point, without leading zeros.
    private let whole: [UInt8]
    /// The digits behind the point, without trailing zeros.
    private let fraction: [UInt8]

    /// Reads a number; `nil` for any other text.
    init?(_ text: String) {
        var rest = Array(text.utf8)[...]
        let sign = rest.first
        if sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") { rest = rest.dropFirst() }
        let parts = rest.split(
            separator: UInt8(ascii: "."), maxSplits: 1, omittingEmptySubsequences: false)
        let digits = parts.joined()
        guard !digits.isEmpty, digits.allSatisfy({ (0x30...0x39).contains($0) }) else {
            return nil
        }
        whole = Array(parts[0].drop { $0 == 0x30 })
        var behind = parts.count > 1 ? Array(parts[1]) : []
        while behind.last == 0x30 { behind.removeLast() }
        fraction = behind
        isNegative = sign == UInt8(ascii: "-") && !(whole.isEmpty && fraction.isEmpty)
    }

    static func < (left: DecimalText, right: DecimalText) -> Bool {
        guard left.isNegative == right.isNegative else { return left.isNegative }
        return left.isNegative ? right.isSmaller(than: left) : left.isSmaller(than: right)
    }

    /// Compares without signs.
    private func isSmaller(than other: DecimalText) -> Bool {
        guard whole.count == other.whole.count else { return whole.count < other.whole.count }
        guard whole == other.whole else { return whole.lexicographicallyPrecedes(other.whole) }
        return fraction.lexicographicallyPrecedes(other.fraction)
    }
}
