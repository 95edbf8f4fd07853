/// A setting as an extension declares it. The host checks what the user writes against it, fills in
/// the default, and shows the meaning in its help. Without a default the user has to give a value.
public struct Setting: Sendable, Equatable {
    /// What values there are.
    public enum Kind: Sendable, Equatable {
        /// A number within bounds.
        case number(ClosedRange<Double>?)
        /// A whole number within bounds.
        case integer(ClosedRange<Int>?)
        /// True or false.
        case boolean
        /// A text; with options, one of them.
        case text(options: [String])
        /// The path of a file or folder. It arrives absolute.
        case path
        /// A list of numbers.
        case numbers
        /// A list of whole numbers.
        case integers
        /// A list of texts.
        case texts
    }

    /// The key in the run file.
    public var name: String
    /// What values there are.
    public var kind: Kind
    /// The value that counts where the user gives none; `nil` where one has to be given.
    public var defaultValue: JSONValue?
    /// What it means, in one sentence; with units.
    public var meaning: String

    /// A number; without bounds any finite one.
    public static func number(
        _ name: String, default value: Double? = nil, in bounds: ClosedRange<Double>? = nil,
        _ meaning: String
    ) -> Setting {
        Setting(
            name: name, kind: .number(bounds), defaultValue: value.map { .number($0) },
            meaning: meaning)
    }

    /// A whole number; without bounds any that fits 64 bits.
    public static func integer(
        _ name: String, default value: Int? = nil, in bounds: ClosedRange<Int>? = nil,
        _ meaning: String
    ) -> Setting {
        Setting(
            name: name, kind: .integer(bounds), defaultValue: value.map { .integer($0) },
            meaning: meaning)
    }

    /// True or false.
    public static func boolean(
        _ name: String, default value: Bool? = nil, _ meaning: String
    ) -> Setting {
        Setting(
            name: name, kind: .boolean, defaultValue: value.map { .boolean($0) }, meaning: meaning)
    }

    /// A text; with `options` one of them.
    public static func text(
        _ name: String, default value: String? = nil, oneOf options: [String] = [],
        _ meaning: String
    ) -> Setting {
        Setting(
            name: name, kind: .text(options: options), defaultValue: value.map { .text($0) },
            meaning: meaning)
    }

    /// The path of a file or folder; the user has to give one. It arrives absolute.
    public static func path(_ name: String, _ meaning: String) -> Setting {
        Setting(name: name, kind: .path, defaultValue: nil, meaning: meaning)
    }

    /// A list of numbers.
    public static func numbers(
        _ name: String, default values: [Double]? = nil, _ meaning: String
    ) -> Setting {
        Setting(
            name: name, kind: .numbers,
            defaultValue: values.map { .list($0.map { .number($0) }) }, meaning: meaning)
    }

    /// A list of whole numbers.
    public static func integers(
        _ name: String, default values: [Int]? = nil, _ meaning: String
    ) -> Setting {
        Setting(
            name: name, kind: .integers,
            defaultValue: values.map { .list($0.map { .integer($0) }) }, meaning: meaning)
    }

    /// A list of texts.
    public static func texts(
        _ name: String, default values: [String]? = nil, _ meaning: String
    ) -> Setting {
        Setting(
            name: name, kind: .texts, defaultValue: values.map { .list($0.map { .text($0) }) },
            meaning: meaning)
    }
}
