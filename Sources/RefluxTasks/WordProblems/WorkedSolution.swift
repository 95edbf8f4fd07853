/// The solution of a story: one equation a line, then `#### N`.
enum WorkedSolution {
    /// Works the steps out.
    ///
    /// Where two additive steps follow each other, the solution takes, with probability
    /// `variedPaths`, the other path: it works out the net of the two first (`7 - 3 = 4`) and
    /// applies that; steps that cancel (`5 - 5 = 0`) leave the count as it is.
    static func text(
        start: Int, steps: [Step], variedPaths: Double,
        using random: inout some RandomNumberGenerator
    ) -> String {
        var lines: [String] = []
        var value = start
        var index = 0
        while index < steps.count {
            let step = steps[index]
            let next = index + 1 < steps.count ? steps[index + 1] : nil
            if let next, step.operation.isAdditive, next.operation.isAdditive,
                Double.random(in: 0..<1, using: &random) < variedPaths
            {
                let (equation, net) = merged(step, next)
                lines.append(equation)
                if let net {
                    lines.append(net.equation(on: value))
                    value = net.applied(to: value)
                }
                index += 2
            } else {
                lines.append(step.equation(on: value))
                value = step.applied(to: value)
                index += 1
            }
        }
        return (lines + ["#### \(value)"]).joined(separator: "\n")
    }

    /// The equation of the net of two additive steps and the step that applies it; none when they
    /// cancel.
    private static func merged(_ first: Step, _ second: Step) -> (equation: String, net: Step?) {
        let (b, c) = (first.operand, second.operand)
        if first.operation == second.operation {
            return ("\(b) + \(c) = \(b + c)", Step(operation: first.operation, operand: b + c))
        }
        if b >= c {
            let net = b == c ? nil : Step(operation: first.operation, operand: b - c)
            return ("\(b) - \(c) = \(b - c)", net)
        }
        return ("\(c) - \(b) = \(c - b)", Step(operation: second.operation, operand: c - b))
    }
}
