/// One call of the host into an extension: its services.
///
/// Valid until the function that it was given to returns, on any thread that works for it; a call
/// that is kept does nothing afterwards. Services that the host does not have do nothing, except
/// random numbers, which throw.
public struct Call: Sendable {
    /// How severe a log line is.
    public enum Level: Int32, Sendable, CaseIterable {
        /// For the author.
        case debug = 0
        /// For whoever wants to know.
        case info = 1
        /// Something is odd.
        case warning = 2
        /// Something failed.
        case error = 3
    }

    let scope: CallScope

    /// A line for people. The host cuts long ones and stops floods.
    public func log(_ text: String, level: Level = .info) {
        scope.log(text, level: level.rawValue)
    }

    /// Whether the call should end soon. Cheap.
    public var isCancelled: Bool { scope.isCancelled }

    /// Throws ``Cancelled`` when the call should end: between two items of a long one.
    public func checkCancellation() throws {
        if isCancelled { throw Cancelled() }
    }

    /// The time that is left, negative when it is over; `nil` when there is no limit.
    public var remainingTime: Duration? {
        scope.remainingNanoseconds.map { .nanoseconds($0) }
    }

    /// A named number for the metrics file. `step` counts from 0 while a reward model learns and is
    /// ignored elsewhere; in a loss the numbers of all micro-batches of an update are added up.
    public func metric(_ name: String, _ value: Double, step: Int = 0) {
        scope.metric(name, value, step: Int64(step))
    }

    /// Tells how far a long call is; `unit` says what is counted (`responses`).
    public func progress(_ done: Int, of total: Int, unit: String) {
        scope.progress(UInt64(max(0, done)), of: UInt64(max(0, total)), unit: unit)
    }

    /// Four independent uniform 32-bit words: a pure function of the run's seed, the extension, the
    /// item that is being worked on, `stream` and `position`.
    ///
    /// - Throws: ``PluginError`` when the host has no random numbers, or the call is over.
    public func randomWords(stream: UInt64 = 0, position: UInt64) throws -> [UInt32] {
        guard let words = scope.randomWords(stream: stream, position: position) else {
            throw PluginError(
                "The host gives no random numbers, and this extension needs them; use a newer host."
            )
        }
        return words
    }

    /// A uniform number from 0 up to but not including 1, with 53 random bits; see
    /// ``randomWords(stream:position:)``.
    public func uniform(stream: UInt64 = 0, position: UInt64) throws -> Double {
        let words = try randomWords(stream: stream, position: position)
        let bits = UInt64(words[0]) << 32 | UInt64(words[1])
        return Double(bits >> 11) * 0x1p-53
    }

    /// A generator for `randomElement(using:)`, `shuffled(using:)` and the like.
    ///
    /// - Throws: ``PluginError`` when the host has no random numbers.
    public func generator(stream: UInt64 = 0) throws -> KeyedGenerator {
        _ = try randomWords(stream: stream, position: 0)
        return KeyedGenerator(call: self, stream: stream)
    }
}

/// The numbers of one stream of a call, one after the other.
public struct KeyedGenerator: RandomNumberGenerator, Sendable {
    let call: Call
    let stream: UInt64
    private var position: UInt64 = 0

    init(call: Call, stream: UInt64) {
        self.call = call
        self.stream = stream
    }

    /// The next 64 random bits; 0 after the call is over.
    public mutating func next() -> UInt64 {
        defer { position += 1 }
        guard let words = try? call.randomWords(stream: stream, position: position) else {
            return 0
        }
        return UInt64(words[0]) << 32 | UInt64(words[1])
    }
}
