/// A bucket that fills at a steady rate: whoever takes from it waits until it is not in debt.
///
/// Plain arithmetic on seconds of any clock.
struct TokenBucket: Sendable, Equatable {
    private let perSecond: Double
    private let depth: Double
    private var level: Double
    private var time: Double

    /// A full bucket.
    ///
    /// - Parameters:
    ///   - perMinute: what flows in within a minute.
    ///   - depth: the most that it holds: what may be taken at once after a rest.
    ///   - now: the time in seconds.
    init(perMinute: Double, depth: Double, now: Double) {
        perSecond = perMinute / 60
        self.depth = depth
        level = depth
        time = now
    }

    /// Takes an amount.
    ///
    /// - Returns: the seconds to wait before going on; the amount is taken already.
    mutating func take(_ amount: Double, now: Double) -> Double {
        flow(to: now)
        level -= amount
        return level >= 0 ? 0 : -level / perSecond
    }

    /// Gives an amount back, or takes a further one that nobody waits for.
    mutating func correct(by amount: Double, now: Double) {
        flow(to: now)
        level = min(depth, level + amount)
    }

    private mutating func flow(to now: Double) {
        level = min(depth, level + max(0, now - time) * perSecond)
        time = max(time, now)
    }
}

/// Lets requests through as fast as the limits of a server allow.
///
/// Requests are spaced evenly: within any minute start at most as many as allowed. Tokens are known
/// only when a reply is there, so a request reserves the mean of those before it, and the difference
/// is settled afterwards. A server that asks for a pause pauses all requests.
actor RateLimits {
    private var requests: TokenBucket?
    private var tokens: TokenBucket?
    private var pauseEnd = 0.0
    private var settled = (tokens: 0.0, requests: 0.0)
    private let clock = ContinuousClock()
    private let start: ContinuousClock.Instant

    /// Makes limits; what is `nil` is not limited.
    init(requestsPerMinute: Double?, tokensPerMinute: Double?) {
        start = clock.now
        requests = requestsPerMinute.map { TokenBucket(perMinute: $0, depth: 1, now: 0) }
        tokens = tokensPerMinute.map { TokenBucket(perMinute: $0, depth: $0 / 6, now: 0) }
    }

    /// Waits for a turn.
    ///
    /// - Parameter guess: the tokens of the request, as long as nothing is known of earlier ones.
    /// - Returns: the tokens that were reserved, for ``settle(reserved:used:)``.
    /// - Throws: `CancellationError`.
    func admit(guess: Double) async throws -> Double {
        let reserved = settled.requests > 0 ? settled.tokens / settled.requests : guess
        let turn = max(
            requests?.take(1, now: now) ?? 0, tokens?.take(reserved, now: now) ?? 0)
        try await sleep(turn)
        // A pause may be prolonged while it lasts.
        while pauseEnd > now { try await sleep(pauseEnd - now) }
        return reserved
    }

    /// Notes what a request used in truth; nothing for one that failed.
    func settle(reserved: Double, used: Double?) {
        tokens?.correct(by: reserved - (used ?? 0), now: now)
        guard let used else { return }
        settled.tokens += used
        settled.requests += 1
    }

    /// Lets no request through for so many seconds.
    func pause(for seconds: Double) { pauseEnd = max(pauseEnd, now + seconds) }

    private var now: Double { (clock.now - start) / .seconds(1) }

    private func sleep(_ seconds: Double) async throws {
        guard seconds > 0 else { return try Task.checkCancellation() }
        try await Task.sleep(for: .seconds(seconds))
    }
}
