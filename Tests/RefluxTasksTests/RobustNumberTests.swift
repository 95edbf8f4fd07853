import RefluxCore
import Testing

@testable import RefluxTasks

@Suite struct RobustNumberTests {
    private let robust: RobustNumber
    private let markedOnly: RobustNumber

    init() throws {
        robust = try RobustNumber()
        markedOnly = try RobustNumber(lastNumber: false)
    }

    @Test(arguments: [
        ("#### 18", "18"), ("#### $18", "18"), ("#### 18.00", "18"), ("####18", "18"),
        ("#### **18**", "18"), ("#### $18$", "18"), ("#### \\$1,200.50", "1200.5"),
        ("#### −7", "-7"), ("#### -$7", "-7"), ("#### 18 dollars a day for 3 days", "18"),
        ("#### 5\n#### 6", "6"), ("#### 5\n####", "5"), ("The answer is 5.\n#### 6", "6"),
        ("#### 6\nSo the answer is 5.", "5"),
        ("The answer is 18.", "18"), ("The final answer is: $18", "18"), ("Answer: 18", "18"),
        ("**Answer:** 18", "18"), ("**Final Answer**: $1,234", "1234"), ("ANSWER = 18", "18"),
        ("The answer to the question is 18 eggs.", "18"), ("**Answer:**\n\n18 eggs", "18"),
        ("The answer is 5 + 13 = 18.", "18"), ("The answer is 18 (since 3 * 5 + 3 = 9 + 9).", "18"),
        ("The answer is 18. Check: 2 + 2 = 4.", "18"), ("The answer is x = $18$.", "18"),
        ("The answer is 18. There are 3 days.", "18"), ("The answer is that she has 18 eggs", "18"),
        ("A: 26", "26"), ("A: 26\nA: 27", "27"), ("text A: 26\n#### 3", "3"),
        ("\\boxed{18}", "18"), ("\\boxed{\\$18}", "18"), ("\\boxed{18\\text{ eggs}}", "18"),
        ("\\boxed{\\text{18}}", "18"), ("\\boxed{x = 18}", "18"), ("\\fbox{18}", "18"),
        ("\\boxed{\\frac{1}{2}}", "0.5"), ("\\boxed{-\\dfrac{1}{3}}", "-1/3"),
        ("\\boxed{1{,}200}", "1200"), ("\\boxed{5} then \\boxed{6}", "6"), ("\\boxed{18", "18"),
        ("The answer is $\\boxed{18}$. It took 3 days.", "18"), ("\\boxed{\\boxed{18}}", "18"),
        ("He earns **$18** in 3 days.", "18"), ("**Total = 18**, 3 days", "18"),
        ("**Step 1: 5 + 3**\nSo **8** apples\n**2. Next:**", "8"),
        ("3 + 15 = 18", "18"), ("18 dollars...", "18"), ("$29.00.", "29"), ("It is 18%.", "18"),
        ("16-3", "3"), ("it was -3", "-3"), ("(2)-3", "3"), ("half: 1/2", "0.5"),
        ("1 1/2 hours", "1.5"), ("1,00,000", "100000"), ("3, 4", "4"), ("3,4", "4"),
        ("on 1/2/2020", "2020"), ("v1.2.3", "3"), ("5/0", "0"), (".5", "0.5"), ("end.5", "5"),
        ("<think>#### 5</think>#### 6", "6"), ("5 </think> 6 </think> 7", "7"),
        ("#### 5\n\nQuestion: 7 + 1?\n#### 8", "5"), ("#### 5 Question: x #### 8", "5"),
        ("**Question:** how many?\n**Answer:** 8", "8"), ("#### 5\nQ: 7?\nA: 8", "5"),
        ("#### 123456789012345678901234567890", "123456789012345678901234567890"),
        ("#### 0.1000000000000000000000000000010", "0.100000000000000000000000000001"),
    ])
    func readsTheAnswer(text: String, answer: String) {
        #expect(robust.answer(in: text) == answer)
    }

    @Test(arguments: [
        "", "no number", "####", "#### N", "\\boxed{}", "The answer is unknown.", "<think>#### 5",
        "#### 5</think>", "...", "-", "$", "٣", "½", ",",
    ])
    func givesNothingWhereThereIsNothing(text: String) {
        #expect(robust.answer(in: text) == nil)
    }

    @Test(arguments: ["12 + 5 = 17", "12 + 5 = 17\n####", "He has 5 left."])
    func withoutTheLastNumberOnlyMarkedAnswersCount(text: String) {
        #expect(markedOnly.answer(in: text) == nil)
        #expect(robust.answer(in: text) != nil)
        #expect(markedOnly.answer(in: text + "\n#### 8") == "8")
    }

    @Test(arguments: [
        ("18", "18"), ("+18", "18"), ("-0", "0"), ("-0.00", "0"), ("007", "7"),
        ("1,200.50", "1200.5"),
        ("$1,200", "1200"), ("75%", "75"), (" 5. ", "5"), ("2/4", "0.5"), ("1/3", "1/3"),
        ("-2/6", "-1/3"), ("4/2", "2"), ("0/5", "0"), ("1/128", "0.0078125"), ("0.50", "0.5"),
    ])
    func canonicalTexts(number: String, canonical: String) {
        #expect(CanonicalNumber.text(of: number) == canonical)
    }

    @Test(arguments: ["", "abc", "5 apples", "5 6", "1.2.3", "#5", "5 %"])
    func textsThatAreNoNumberHaveNoNormalForm(text: String) {
        #expect(CanonicalNumber.text(of: text) == nil)
    }

    /// One megabyte of what makes careless patterns quadratic; a quadratic one takes hours.
    @Test(arguments: [
        "#", "#### ", "9", "1,", "1/", "-", "$", ".", "\n", " ", "*", "**", "**1", "{", "\\boxed{",
        "\\boxed{1", "answer", "answer: ", "answer is ", "answer is (", "answer * ", "A:\n", "\nA:",
        "\nQ", "<think>", "</think", "Question", "\\frac{1}{", "= ", "1 1/", "<<", "é", "1.",
    ])
    func longTextsTakeLinearTime(piece: String) throws {
        let text = String(repeating: piece, count: 1_000_000 / piece.utf8.count)
        let grader = try NumberGrader(lastNumber: true)
        let example = Example(id: "x", index: 0, question: "?", gold: "1")
        let time = ContinuousClock().measure {
            _ = grader.grade("answer " + text, for: example)
        }
        #expect(time < .seconds(20))
    }
}
