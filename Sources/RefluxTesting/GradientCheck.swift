/// Compares derivatives with central finite differences (f(x + h) - f(x - h)) / 2h.
public struct GradientCheck: Sendable {
    /// h, in units of the argument.
    public var step: Float
    /// The largest difference allowed: `absolute + relative * |difference quotient|`.
    public var absolute: Double
    /// See ``absolute``.
    public var relative: Double

    /// Makes a check. The step suits functions that compute in double precision of single-precision
    /// arguments.
    public init(step: Float = 1e-3, absolute: Double = 1e-6, relative: Double = 1e-4) {
        self.step = step
        self.absolute = absolute
        self.relative = relative
    }

    /// Checks the gradient of a function at a point.
    ///
    /// - Parameters:
    ///   - gradient: the claimed gradient. Same count as `point`.
    ///   - point: the arguments.
    ///   - skip: indexes that are left out, for instance those near a kink.
    ///   - function: the function.
    /// - Throws: ``ConformanceFailure`` for the first derivative that is wrong; whatever `function`
    ///   throws.
    public func check(
        _ gradient: [Float], at point: [Float], skip: (Int) -> Bool = { _ in false },
        of function: ([Float]) throws -> Double
    ) throws {
        try require(
            gradient.count == point.count, "A gradient has one derivative for each argument",
            found: "there are \(gradient.count) for \(point.count)")
        var moved = point
        for index in point.indices where !skip(index) {
            let (below, above) = (point[index] - step, point[index] + step)
            moved[index] = above
            let high = try function(moved)
            moved[index] = below
            let low = try function(moved)
            moved[index] = point[index]
            let quotient = (high - low) / (Double(above) - Double(below))
            let error = abs(quotient - Double(gradient[index]))
            try require(
                error <= absolute + relative * abs(quotient),
                "A derivative agrees with finite differences",
                found: "derivative \(index) is \(gradient[index]), not \(quotient)")
        }
    }
}
