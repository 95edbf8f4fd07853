/// The time until which something has to be done.
struct Deadline: Sendable {
    /// How long that was at the beginning; `nil` for no limit.
    let limit: Duration?
    private let end: ContinuousClock.Instant?

    /// Begins now.
    ///
    /// - Parameters:
    ///   - limit: how long; `nil` for no limit.
    ///   - grace: how much longer it really takes, for those who keep to the limit themselves.
    init(_ limit: Duration?, grace: Duration = .zero) {
        self.limit = limit
        end = limit.map { ContinuousClock.now + $0 + grace }
    }

    /// Whether the time is over.
    var isOver: Bool { end.map { ContinuousClock.now >= $0 } ?? false }

    /// How long to wait before looking around again, in milliseconds: at most 50.
    var slice: Int32 {
        guard let end else { return 50 }
        let left = end - ContinuousClock.now
        return left >= .milliseconds(50) ? 50 : max(1, Int32(left / .milliseconds(1)))
    }
}
