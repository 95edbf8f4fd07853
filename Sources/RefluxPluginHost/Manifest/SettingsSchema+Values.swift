extension SettingsSchema.Property {
    /// The value as plugins get it, or `nil` when it is none that the setting may have: whole
    /// numbers become numbers where numbers are wanted, a single value becomes a list of one.
    func accept(_ value: JSONValue) -> JSONValue? {
        switch type {
        case .array:
            guard let items else { return nil }
            guard case .array(let nodes) = value else {
                return Self.accept(value, as: items).map { .array([$0]) }
            }
            let accepted = nodes.compactMap { Self.accept($0.value, as: items) }
            return accepted.count == nodes.count ? .array(accepted) : nil
        default:
            guard let accepted = Self.accept(value, as: type), isInRange(accepted) else {
                return nil
            }
            return accepted
        }
    }

    /// The first element of a list that is not of the elements' type.
    func firstWrongElement(of value: JSONValue) -> Int? {
        guard case .array(let nodes) = value, let items else { return nil }
        return nodes.firstIndex { Self.accept($0.value, as: items) == nil }
    }

    /// What the setting may be, in words.
    package var wanted: String {
        switch type {
        case .number: "a number" + range
        case .integer: "a whole number" + range
        case .boolean: "true or false"
        case .string where isPath: "a path"
        case .string where choices.isEmpty: "a text"
        case .string: "one of \(choices.joined(separator: ", "))"
        case .array:
            switch items {
            case .number: "a list of numbers"
            case .integer: "a list of whole numbers"
            default: "a list of texts"
            }
        }
    }

    /// A bound in words: whole where it is whole.
    func words(_ bound: Double) -> String {
        Int(exactly: bound).map { "\($0)" } ?? "\(bound)"
    }

    private var range: String {
        switch (minimum, maximum) {
        case (let low?, let high?): " from \(words(low)) to \(words(high))"
        case (let low?, nil): " of at least \(words(low))"
        case (nil, let high?): " of at most \(words(high))"
        case (nil, nil): ""
        }
    }

    private func isInRange(_ value: JSONValue) -> Bool {
        switch value {
        case .integer(let number): isInRange(Double(number))
        case .number(let number): isInRange(number)
        case .string(let text): choices.isEmpty || choices.contains(text)
        default: true
        }
    }

    private func isInRange(_ number: Double) -> Bool {
        number >= minimum ?? -.infinity && number <= maximum ?? .infinity
    }

    private static func accept(_ value: JSONValue, as type: SettingsSchema.ValueType) -> JSONValue?
    {
        switch (type, value) {
        case (.number, .integer(let number)): .number(Double(number))
        case (.number, .number(let number)) where number.isFinite: value
        case (.integer, .integer), (.boolean, .bool), (.string, .string): value
        default: nil
        }
    }
}
