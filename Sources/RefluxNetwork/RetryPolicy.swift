package import Foundation
package import RefluxCore

/// How often and when a request that failed is sent again.
package struct RetryPolicy: Sendable, Equatable {
    /// How often it is sent again.
    package var retries: Int
    /// The pause before the first time, in seconds; it doubles each time.
    package var firstPause: Double
    /// The longest such pause.
    package var longestPause: Double
    /// The longest pause that a server may ask for; one that asks for more is left.
    package var longestWait: Double

    /// Makes a policy.
    package init(
        retries: Int, firstPause: Double = 1, longestPause: Double = 60, longestWait: Double = 900
    ) {
        self.retries = retries
        self.firstPause = firstPause
        self.longestPause = longestPause
        self.longestWait = longestWait
    }

    /// The seconds before an attempt: exponential back-off, of which between a half and the whole is
    /// waited, so that requests that failed together do not come back together.
    ///
    /// - Parameters:
    ///   - attempt: from 1, the first time that the request is sent again.
    ///   - key: the random numbers of the request; position 0 is the request's seed.
    /// - Returns: seconds.
    package func pause(before attempt: Int, key: RandomKey) -> Double {
        let whole = min(longestPause, firstPause * pow(2, Double(attempt - 1)))
        return whole * (0.5 + 0.5 * key.uniform(at: attempt))
    }

    /// Whether a request with this status may be answered when it is sent again.
    package static func isPassing(_ status: Int) -> Bool {
        switch status {
        case 408, 429: true
        case 501, 505: false
        default: (500...599).contains(status)
        }
    }

    /// Reads `Retry-After`: a number of seconds, or a date of HTTP (RFC 9110, 10.2.3).
    ///
    /// - Parameters:
    ///   - text: the header's value.
    ///   - now: the time.
    /// - Returns: the seconds to wait, not negative; `nil` where the value is neither.
    package static func seconds(retryAfter text: String, now: Date) -> Double? {
        let text = text.trimmingCharacters(in: .whitespaces)
        if let seconds = Double(text) { return seconds.isFinite ? max(0, seconds) : nil }
        return (try? Date(text, strategy: httpDate)).map { max(0, $0.timeIntervalSince(now)) }
    }

    /// `Sun, 06 Nov 1994 08:49:37 GMT`.
    private static var httpDate: Date.ParseStrategy {
        Date.ParseStrategy(
            format: """
                \(weekday: .abbreviated), \(day: .twoDigits) \(month: .abbreviated) \
                \(year: .defaultDigits) \
                \(hour: .twoDigits(clock: .twentyFourHour, hourCycle: .zeroBased)):\
                \(minute: .twoDigits):\(second: .twoDigits) GMT
                """,
            locale: Locale(identifier: "en_US_POSIX"), timeZone: .gmt)
    }
}
