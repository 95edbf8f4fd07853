/// A value of a GGUF file's metadata.
enum GGUFValue: Sendable, Equatable {
    case integer(Int)
    case number(Double)
    case truth(Bool)
    case text(String)
    case integers([Int])
    case numbers([Float])
    case truths([Bool])
    case texts([String])

    /// What kind of value it is, for errors.
    var kind: String {
        switch self {
        case .integer: "a whole number"
        case .number: "a number"
        case .truth: "a truth value"
        case .text: "a text"
        case .integers: "a list of whole numbers"
        case .numbers: "a list of numbers"
        case .truths: "a list of truth values"
        case .texts: "a list of texts"
        }
    }
}
