import Foundation

extension Files {
    /// A number from 0 up to 1 that a text alone determines: 52 bits of its SHA-256. A text is on one
    /// side of a split where it is below the side's fraction, whatever other texts there are.
    public static func share(of text: String) -> Double {
        let digits = sha256(of: Data(text.utf8)).prefix(13)
        return Double(UInt64(digits, radix: 16) ?? 0) / Double(1 << 52)
    }
}
