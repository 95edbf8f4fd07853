import Glibc

/// Whether a reader's time grows linearly with its input, measured on growing inputs of shapes that
/// careless readers take long for.
package struct FuzzScaling {
    /// The times of one reader on one shape.
    package struct Row: Sendable {
        /// The reader.
        package var reader: String
        /// The shape.
        package var shape: String
        /// The sizes in bytes with the time a byte in nanoseconds, the best of three.
        package var times: [(bytes: Int, nanosecondsPerByte: Double)]
        /// What is wrong, or `nil` where the time is linear.
        package var fault: String?

        /// The time a byte of the largest input.
        package var last: Double { times.last?.nanosecondsPerByte ?? 0 }
    }

    /// How many times the time a byte may grow: room for noise and caches, which a quadratic reader
    /// passes at the second larger size.
    package static let allowedGrowth = 3.0
    /// What a byte may always take, in nanoseconds: below it, what grows is the way from the caches
    /// to memory, and a reader that is faster over 1 MiB takes 5 ms whatever its law.
    package static let alwaysAllowed = 5.0
    /// A single reading that takes longer ends its row as too slow, in seconds.
    private static let longestReading = 5.0

    private let target: FuzzTarget
    private let largest: Int

    /// Measures a target up to a size in bytes.
    package init(_ target: FuzzTarget, largest: Int = 1 << 20) {
        self.target = target
        self.largest = largest
    }

    /// Every reader on every shape.
    package func rows() throws -> [Row] {
        try target.timed.flatMap { reader in
            try target.shapes.map { try row(reader.name, reader.read, $0) }
        }
    }

    private func row(
        _ name: String, _ read: ([UInt8]) throws -> Void, _ shape: FuzzShape
    ) throws -> Row {
        var row = Row(reader: name, shape: shape.name, times: [])
        var size = 1024
        while size <= largest {
            let input = shape.input(size)
            let seconds = try best(of: 3, read, input)
            row.times.append((input.count, seconds * 1e9 / Double(max(1, input.count))))
            row.fault = fault(of: row, seconds: seconds)
            // A second look before a fault counts: the machine may have been busy.
            if row.fault != nil, seconds < Self.longestReading {
                let again = min(seconds, try best(of: 10, read, input))
                row.times[row.times.count - 1].nanosecondsPerByte =
                    again * 1e9 / Double(max(1, input.count))
                row.fault = fault(of: row, seconds: again)
            }
            if row.fault != nil { return row }
            size *= 4
        }
        return row
    }

    /// The largest input's time a byte against that of the inputs of at least 8 KiB, where starting
    /// costs no longer count.
    private func fault(of row: Row, seconds: Double) -> String? {
        if seconds > Self.longestReading { return "one reading took \(Int(seconds)) s" }
        let settled = row.times.filter { $0.bytes >= 8000 }.map(\.nanosecondsPerByte)
        guard settled.count > 1, let first = settled.first,
            row.last > max(Self.allowedGrowth * first, Self.alwaysAllowed)
        else { return nil }
        return "the time a byte grew by \(Int(row.last / first))"
    }

    private func best(
        of times: Int, _ read: ([UInt8]) throws -> Void, _ input: [UInt8]
    ) throws -> Double {
        var best = Double.infinity
        var spent = 0.0
        // Long readings are not repeated: noise is small beside them.
        for _ in 0..<times where spent < 0.01 * Double(times) {
            let start = Self.processorSeconds()
            try read(input)
            let measured = Self.processorSeconds() - start
            best = min(best, measured)
            spent += measured
        }
        return best
    }

    /// What this thread has used of a processor, in seconds: others on the machine do not count.
    private static func processorSeconds() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }
}
