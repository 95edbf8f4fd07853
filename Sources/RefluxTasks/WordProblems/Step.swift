/// One step of a story: an operation on the running count, with its operand.
struct Step: Equatable {
    /// The four operations; the raw value is the sign in solutions.
    enum Operation: String, CaseIterable {
        case plus = "+"
        case minus = "-"
        case times = "*"
        case over = "/"

        /// Whether steps of this kind can be merged with each other.
        var isAdditive: Bool { self == .plus || self == .minus }
    }

    var operation: Operation
    var operand: Int

    /// The count after the step; a division must be exact.
    func applied(to value: Int) -> Int {
        switch operation {
        case .plus: value + operand
        case .minus: value - operand
        case .times: value * operand
        case .over: value / operand
        }
    }

    /// The equation of the step as a line of a solution.
    func equation(on value: Int) -> String {
        "\(value) \(operation.rawValue) \(operand) = \(applied(to: value))"
    }

    /// Plus 3 in 9, minus 3 in 9, times 2 in 9, over 1 in 9.
    private static let weighted: [Operation] = [
        .plus, .plus, .plus, .minus, .minus, .minus, .times, .times, .over,
    ]

    /// A random step that keeps the count from 1 to `settings.maxNumber`: plus and minus 1 to
    /// `maxStart`, times and over 2 to 4, division without a rest.
    static func random(
        on value: Int, _ settings: WordProblemSettings,
        using random: inout some RandomNumberGenerator
    ) -> Step {
        while true {
            let operation = weighted[Int.random(in: 0..<weighted.count, using: &random)]
            let operands = operation.isAdditive ? 1...settings.maxStart : 2...4
            let step = Step(
                operation: operation, operand: Int.random(in: operands, using: &random))
            if operation == .over, value % step.operand != 0 { continue }
            if (1...settings.maxNumber).contains(step.applied(to: value)) { return step }
        }
    }
}
