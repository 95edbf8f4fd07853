/// A person of a story.
struct Person {
    /// How the person is called without the name.
    enum Pronoun {
        case he
        case she

        var subject: String { self == .he ? "he" : "she" }
        var object: String { self == .he ? "him" : "her" }
    }

    let name: String
    let pronoun: Pronoun

    /// Everybody that stories are about.
    static let all: [Person] =
        ["Tom", "Raj", "Leo", "Sam", "Max", "Ben", "Kai"].map { Person(name: $0, pronoun: .he) }
        + ["Ana", "Mia", "Zoe", "Ida", "Eva", "Amy", "Liv"].map { Person(name: $0, pronoun: .she) }
}

/// Something that can be counted.
struct Thing {
    /// The plural, or a unit with its stuff.
    let counted: String

    /// Everything that stories are about.
    static let all: [Thing] = [
        "apples", "pens", "coins", "books", "cards", "shells", "stamps", "balls", "cups",
        "stickers",
        "marbles", "bags of rice", "boxes of tea", "rolls of tape",
    ].map(Thing.init)
}
