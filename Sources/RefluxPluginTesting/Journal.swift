public import RefluxPluginKit

/// What a plugin said through the services of a mock host.
public struct Journal: Sendable {
    /// A log line.
    public struct Line: Sendable, Equatable {
        /// How severe it is.
        public var level: Call.Level
        /// What it says.
        public var text: String
    }

    /// A number for the metrics file.
    public struct Metric: Sendable, Equatable {
        /// Its name.
        public var name: String
        /// Its value.
        public var value: Double
        /// The step, where a reward model learns.
        public var step: Int
    }

    /// The state of a long call.
    public struct Progress: Sendable, Equatable {
        /// What is done.
        public var done: Int
        /// Out of how much.
        public var total: Int
        /// What is counted.
        public var unit: String
    }

    /// The log lines, in order.
    public internal(set) var lines: [Line] = []
    /// The numbers for the metrics file, in order.
    public internal(set) var metrics: [Metric] = []
    /// The states of long calls, in order.
    public internal(set) var progress: [Progress] = []
    /// The effective configurations of the instances, in order.
    public internal(set) var configurations: [JSONValue] = []
    /// How many times random numbers were drawn.
    public internal(set) var randomDraws = 0

    mutating func append(_ other: Journal) {
        lines += other.lines
        metrics += other.metrics
        progress += other.progress
        configurations += other.configurations
        randomDraws += other.randomDraws
    }
}
