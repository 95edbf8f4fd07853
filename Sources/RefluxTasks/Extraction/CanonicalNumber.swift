/// The normal form of numbers: equal numbers have equal texts.
///
/// No sign for zero and none for plus; no leading zeros; no trailing zeros behind the point. A
/// fraction is written as a decimal where that is exact and short, else in lowest terms (`1/3`).
/// Digits are kept as text, so numbers of any length stay exact.
enum CanonicalNumber {
    /// Builds the text of ±whole.decimals, or of ±whole/denominator.
    ///
    /// - Parameters:
    ///   - negative: whether there was a minus sign.
    ///   - whole: decimal digits; may be empty when there are decimals.
    ///   - decimals: the digits behind the point.
    ///   - denominator: the denominator's digits, or nothing; not all zero.
    /// - Returns: `nil` when there are no digits at all.
    static func text(
        negative: Bool, whole: ArraySlice<UInt8>, decimals: ArraySlice<UInt8>,
        over denominator: ArraySlice<UInt8>
    ) -> String? {
        guard !whole.isEmpty || !decimals.isEmpty else { return nil }
        let magnitude =
            denominator.isEmpty
            ? decimal(whole, decimals)
            : fraction(digits(whole.drop(while: isZero)), digits(denominator.drop(while: isZero)))
        return negative && magnitude != "0" ? "-" + magnitude : magnitude
    }

    /// The normal form of a text that is a number and nothing else (white space aside).
    static func text(of number: String) -> String? {
        let bytes = Array(number.utf8)
        let isSpace = { (byte: UInt8) in byte == 0x20 || (0x09...0x0D).contains(byte) }
        let start = bytes.firstIndex { !isSpace($0) } ?? bytes.endIndex
        let end = bytes.lastIndex { !isSpace($0) }.map { $0 + 1 } ?? start
        var scanner = NumberScanner(bytes[start..<max(start, end)])
        guard let found = scanner.next(), found.range.lowerBound == start else { return nil }
        let rest = bytes[found.range.upperBound..<end]
        let mayFollow = ["", ".", "%", "%."].contains(String(decoding: rest, as: UTF8.self))
        return mayFollow ? found.canonical : nil
    }

    private static func decimal(_ whole: ArraySlice<UInt8>, _ decimals: ArraySlice<UInt8>) -> String
    {
        let integer = digits(whole.drop(while: isZero))
        let end = decimals.lastIndex { !isZero($0) }.map { $0 + 1 } ?? decimals.startIndex
        let point = decimals[..<end].isEmpty ? "" : "." + digits(decimals[..<end])
        return (integer.isEmpty ? "0" : integer) + point
    }

    private static func fraction(_ numerator: String, _ denominator: String) -> String {
        if numerator.isEmpty { return "0" }
        guard let n = Int(numerator), let d = Int(denominator) else {
            return denominator == "1" ? numerator : "\(numerator)/\(denominator)"
        }
        let common = greatestCommonDivisor(n, d)
        return exactDecimal(n / common, d / common) ?? "\(n / common)/\(d / common)"
    }

    /// n/d by long division, when it ends within nine digits behind the point.
    private static func exactDecimal(_ n: Int, _ d: Int) -> String? {
        guard d < Int.max / 10 else { return nil }
        var rest = n % d
        var decimals = ""
        while rest != 0 {
            guard decimals.utf8.count < 9 else { return nil }
            rest *= 10
            decimals += String(rest / d)
            rest %= d
        }
        return decimals.isEmpty ? "\(n / d)" : "\(n / d).\(decimals)"
    }

    private static func greatestCommonDivisor(_ a: Int, _ b: Int) -> Int {
        var (a, b) = (a, b)
        while b != 0 { (a, b) = (b, a % b) }
        return a
    }

    private static func isZero(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "0") }

    private static func digits(_ bytes: ArraySlice<UInt8>) -> String {
        String(decoding: bytes, as: UTF8.self)
    }
}
