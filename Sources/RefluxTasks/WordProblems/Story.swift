/// The words of a story: who, what, and a sentence for each kind of step.
///
/// The language is simple and small on purpose: a model of half a million parameters learns it in
/// minutes. Numbers stand between spaces, never before punctuation, so that a tokenizer makes each
/// one token.
struct Story {
    private let person: Person
    private let thing: Thing

    /// A story about a random person and a random thing.
    init(using random: inout some RandomNumberGenerator) {
        person = Self.choose(Person.all, &random)
        thing = Self.choose(Thing.all, &random)
    }

    /// The sentence that tells the first count.
    func opening(_ count: Int, using random: inout some RandomNumberGenerator) -> String {
        let name = person.name
        return Self.choose(
            [
                "\(name) has \(count) \(thing.counted).",
                "\(name) starts with \(count) \(thing.counted).",
                "At first \(name) has \(count) \(thing.counted).",
                "\(name) collected \(count) \(thing.counted).",
            ], &random)
    }

    /// The sentence that tells a step.
    func sentence(for step: Step, using random: inout some RandomNumberGenerator) -> String {
        let who =
            Bool.random(using: &random) ? person.name : person.pronoun.subject.capitalizedFirst
        return Self.choose(sentences(step, who: who), &random)
    }

    /// The question.
    func question(using random: inout some RandomNumberGenerator) -> String {
        Self.choose(
            [
                "How many \(thing.counted) does \(person.name) have now?",
                "How many \(thing.counted) does \(person.pronoun.subject) have?",
                "How many \(thing.counted) are there in the end?",
                "What is the number of \(thing.counted) now?",
            ], &random)
    }

    private func sentences(_ step: Step, who: String) -> [String] {
        let n = step.operand
        switch step.operation {
        case .plus:
            return [
                "\(who) buys \(n) more.",
                "\(who) finds \(n) \(thing.counted).",
                "\(who) wins \(n) \(thing.counted).",
                "A friend gives \(person.pronoun.object) \(n) \(thing.counted).",
                "\(who) gets \(n) more.",
            ]
        case .minus:
            return [
                "\(who) loses \(n) of them.",
                "\(who) gives away \(n) \(thing.counted).",
                "\(who) sells \(n) \(thing.counted).",
                "\(who) uses \(n) of them.",
                "A friend takes \(n) \(thing.counted).",
            ]
        case .times:
            return [
                "The number becomes \(n) times as large.",
                "\(who) trades each one for \(n) \(thing.counted).",
                "Each one becomes \(n) \(thing.counted).",
                "Then there are \(n) times as many.",
            ]
        case .over:
            return [
                "\(who) makes \(n) equal parts and keeps one.",
                "\(who) keeps one of \(n) equal parts.",
                "\(who) takes one of \(n) equal shares.",
                "Only one of \(n) equal parts is left.",
            ]
        }
    }

    private static func choose<T>(_ list: [T], _ random: inout some RandomNumberGenerator) -> T {
        list[Int.random(in: 0..<list.count, using: &random)]
    }
}

extension String {
    /// The text with its first letter in upper case.
    fileprivate var capitalizedFirst: String { prefix(1).uppercased() + dropFirst() }
}
