import Testing

/// An equation of a solution, `12 + 5 = 17`.
struct Equation {
    let left: Int
    let sign: Substring
    let right: Int
    let result: Int

    init(_ line: String) throws {
        let words = line.split(separator: " ")
        try #require(words.count == 5 && words[3] == "=", "\(line)")
        left = try #require(Int(words[0]))
        sign = words[1]
        right = try #require(Int(words[2]))
        result = try #require(Int(words[4]))
    }

    var isRight: Bool {
        switch sign {
        case "+": left + right == result
        case "-": left - right == result
        case "*": left * right == result
        case "/": left % right == 0 && left / right == result
        default: false
        }
    }
}

/// Works a word problem out from its words alone, as a pupil would.
enum QuestionReader {
    static func count(in question: String) throws -> Int {
        var sentences = question.split(separator: ". ").map(String.init)
        try #require(sentences.removeLast().hasSuffix("?"))
        var count = try number(sentences.removeFirst())
        for sentence in sentences {
            let operand = try number(sentence)
            try #require(count > 0)
            switch try kind(sentence) {
            case "+": count += operand
            case "-": count -= operand
            case "*": count *= operand
            default:
                #expect(count % operand == 0, "\(question)")
                count /= operand
            }
        }
        return count
    }

    private static func number(_ sentence: String) throws -> Int {
        let numbers = sentence.split(separator: " ").compactMap { Int($0) }
        try #require(numbers.count == 1, "\(sentence)")
        return numbers[0]
    }

    private static func kind(_ sentence: String) throws -> String {
        let words: [(String, [String])] = [
            ("/", ["equal parts", "equal shares"]),
            ("*", ["as large", "trades each", "becomes", "as many"]),
            ("-", ["loses", "gives away", "sells", "uses", "takes"]),
            ("+", ["buys", "finds", "wins", "gives him", "gives her", "gets"]),
        ]
        let found = words.first { $0.1.contains { sentence.contains($0) } }
        return try #require(found, "\(sentence)").0
    }
}
