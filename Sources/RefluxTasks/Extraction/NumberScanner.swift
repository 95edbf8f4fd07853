/// Finds numbers in a text as people and models write them: `1,200`, `-$5.50`, `−3`, `3/4`,
/// `1 1/2`, `\frac{1}{2}`, `.5`, `75%`.
///
/// Works on UTF-8 bytes, looks at each byte a bounded number of times, and gives each number as a
/// ``CanonicalNumber`` text.
struct NumberScanner {
    private let bytes: ArraySlice<UInt8>
    private var position: Int

    /// Scans a part of a text.
    init(_ bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
        position = bytes.startIndex
    }

    /// A number of the text.
    struct Found {
        /// The normal form.
        var canonical: String
        /// The bytes it stands on, with sign and currency.
        var range: Range<Int>
    }

    /// The next number, or `nil` at the end.
    mutating func next() -> Found? {
        while position < bytes.endIndex {
            if let found = numberHere() {
                position = found.range.upperBound
                return found
            }
            position += 1
        }
        return nil
    }

    /// The last number.
    mutating func last() -> Found? {
        var found: Found?
        while let number = next() { found = number }
        return found
    }

    /// A number that begins exactly at the position: sign and currency in either order, then the
    /// digits.
    private func numberHere() -> Found? {
        guard let first = byte(at: position), Self.mayBegin[Int(first)] else { return nil }
        var at = position
        var negative = false
        if let sign = sign(at: at), mayCarrySign(before: at) {
            negative = sign.negative
            at += sign.length
        }
        at += currencyLength(at: at)
        if at > position, let sign = sign(at: at), sign.negative, !negative {
            negative = true
            at += sign.length
        }
        guard let magnitude = fraction(at: at) ?? decimal(at: at) else { return nil }
        guard
            let canonical = CanonicalNumber.text(
                negative: negative, whole: magnitude.whole, decimals: magnitude.decimals,
                over: magnitude.denominator)
        else { return nil }
        return Found(canonical: canonical, range: position..<magnitude.end)
    }

    private struct Magnitude {
        var whole: ArraySlice<UInt8>
        var decimals: ArraySlice<UInt8> = []
        var denominator: ArraySlice<UInt8> = []
        var end: Int
    }

    /// `1,234.5`, `.5`, `3/4`, `1 1/2`.
    private func decimal(at start: Int) -> Magnitude? {
        let (whole, afterWhole) = groupedDigits(at: start)
        guard byte(at: afterWhole) == UInt8(ascii: "."), isDigit(at: afterWhole + 1) else {
            guard !whole.isEmpty else { return nil }
            return mixed(whole, at: afterWhole) ?? over(whole, at: afterWhole)
                ?? Magnitude(whole: whole, end: afterWhole)
        }
        // In `v1.2.3` and `end.5` the point begins no number.
        if whole.isEmpty, isLetterOrDigit(at: afterWhole - 1) { return nil }
        let decimals = digits(at: afterWhole + 1)
        return Magnitude(whole: whole, decimals: decimals, end: decimals.endIndex)
    }

    /// `3/4`, with a denominator that is not 0; a date (`1/2/2020`) is no fraction.
    private func over(_ numerator: ArraySlice<UInt8>, at slash: Int) -> Magnitude? {
        let stroke = UInt8(ascii: "/")
        guard byte(at: slash) == stroke, byte(at: numerator.startIndex - 1) != stroke
        else { return nil }
        let denominator = digits(at: slash + 1)
        guard denominator.contains(where: { $0 != UInt8(ascii: "0") }),
            byte(at: denominator.endIndex) != stroke
        else { return nil }
        return Magnitude(whole: numerator, denominator: denominator, end: denominator.endIndex)
    }

    /// `1 1/2`: one space between a whole number and a fraction below 1.
    private func mixed(_ whole: ArraySlice<UInt8>, at space: Int) -> Magnitude? {
        guard byte(at: space) == UInt8(ascii: " "), whole.count <= 9 else { return nil }
        let numerator = digits(at: space + 1, atMost: 4)
        guard !numerator.isEmpty, var part = over(numerator, at: numerator.endIndex),
            part.denominator.count <= 4, let n = Int(text(numerator)),
            let d = Int(text(part.denominator)), n < d, let w = Int(text(whole))
        else { return nil }
        part.whole = ArraySlice(String(w * d + n).utf8)
        return part
    }

    /// `\frac{1}{2}`, `\dfrac{1}{2}`, `\tfrac{1}{2}`.
    private func fraction(at start: Int) -> Magnitude? {
        guard byte(at: start) == UInt8(ascii: "\\") else { return nil }
        for name in Self.fractionNames where matches(name, at: start) {
            let numerator = digits(at: start + name.count)
            let middle = numerator.endIndex
            guard !numerator.isEmpty, matches(Self.fractionMiddle, at: middle) else { return nil }
            let denominator = digits(at: middle + 2)
            guard denominator.contains(where: { $0 != UInt8(ascii: "0") }),
                byte(at: denominator.endIndex) == UInt8(ascii: "}")
            else { return nil }
            return Magnitude(
                whole: numerator, denominator: denominator, end: denominator.endIndex + 1)
        }
        return nil
    }

    private static let fractionNames = ["\\frac{", "\\dfrac{", "\\tfrac{"].map { Array($0.utf8) }
    private static let fractionMiddle = Array("}{".utf8)

    /// Which bytes a number may begin with: digits, `.`, `$`, `\`, `-`, `+`, and the first bytes of
    /// `−`, `€` and `£`.
    private static let mayBegin: [Bool] = {
        var table = [Bool](repeating: false, count: 256)
        for byte in Array("0123456789.$\\-+−€£".utf8) where byte < 0x80 || byte >= 0xC0 {
            table[Int(byte)] = true
        }
        return table
    }()
}

extension NumberScanner {
    private func byte(at index: Int) -> UInt8? {
        index >= bytes.startIndex && index < bytes.endIndex ? bytes[index] : nil
    }

    private func isDigit(at index: Int) -> Bool {
        byte(at: index).map { $0 >= 0x30 && $0 <= 0x39 } ?? false
    }

    private func digits(at start: Int, atMost limit: Int = .max) -> ArraySlice<UInt8> {
        var end = start
        while end - start < limit, isDigit(at: end) { end += 1 }
        return bytes[start..<end]
    }

    private func matches(_ name: [UInt8], at start: Int) -> Bool {
        start + name.count <= bytes.endIndex
            && bytes[start..<(start + name.count)].elementsEqual(name)
    }

    private func text(_ bytes: ArraySlice<UInt8>) -> String {
        String(decoding: bytes, as: UTF8.self)
    }

    /// `-`, `+` or `−` (U+2212), and its length.
    private func sign(at index: Int) -> (negative: Bool, length: Int)? {
        switch byte(at: index) {
        case UInt8(ascii: "-"): (true, 1)
        case UInt8(ascii: "+"): (false, 1)
        case 0xE2 where byte(at: index + 1) == 0x88 && byte(at: index + 2) == 0x92: (true, 3)
        default: nil
        }
    }

    /// In `16-3` and `(2)-3` the sign is an operator.
    private func mayCarrySign(before index: Int) -> Bool {
        !isLetterOrDigit(at: index - 1) && byte(at: index - 1) != UInt8(ascii: ")")
    }

    private func isLetterOrDigit(at index: Int) -> Bool {
        guard let byte = byte(at: index) else { return false }
        return isDigit(at: index) || (0x61...0x7A).contains(byte | 0x20)
    }

    /// `$`, `\$`, `€`, `£`.
    private func currencyLength(at index: Int) -> Int {
        switch byte(at: index) {
        case UInt8(ascii: "$"): 1
        case UInt8(ascii: "\\") where byte(at: index + 1) == UInt8(ascii: "$"): 2
        case 0xE2 where byte(at: index + 1) == 0x82 && byte(at: index + 2) == 0xAC: 3
        case 0xC2 where byte(at: index + 1) == 0xA3: 2
        default: 0
        }
    }

    /// Digits with commas between groups of three (`1,234`, also `1{,}234`) or, before those, of
    /// two
    /// (`1,00,000`); returns the digits alone and where they end.
    private func groupedDigits(at start: Int) -> (digits: ArraySlice<UInt8>, end: Int) {
        var part = digits(at: start)
        guard !part.isEmpty else { return ([], start) }
        var end = part.endIndex
        var whole = part
        while let group = groupStart(at: end) {
            part = digits(at: group, atMost: 4)
            let isLastKind = part.count == 3
            let isIndian =
                part.count == 2 && byte(at: part.endIndex) == UInt8(ascii: ",")
                && digits(at: part.endIndex + 1, atMost: 3).count >= 2
            guard isLastKind || isIndian else { break }
            whole.append(contentsOf: part)
            end = part.endIndex
        }
        return (whole, end)
    }

    private func groupStart(at end: Int) -> Int? {
        if byte(at: end) == UInt8(ascii: ",") { return end + 1 }
        return matches(Array("{,}".utf8), at: end) ? end + 3 : nil
    }
}
