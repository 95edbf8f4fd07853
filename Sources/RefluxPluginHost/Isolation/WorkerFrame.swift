/// What a worker is asked to do. The raw values are the protocol: never give one a new meaning
/// without raising ``WorkerProtocol/version``.
enum WorkerOperation: UInt8, CaseIterable, Sendable {
    /// Load the plugin.
    case setUp = 1
    /// Make the one part that this worker serves.
    case make
    /// Rules.
    case judge
    /// Optimizers.
    case advantages, loss
    /// Tasks.
    case examples, prompt, answer, grade
    /// Teachers.
    case respond
    /// Reward models.
    case fit, score, save

    /// The function of a plugin that runs meanwhile, as the headers name it, for error messages.
    var name: String {
        switch self {
        case .setUp: "load"
        case .make: "create"
        case .judge: "judge"
        case .advantages: "compute_advantages"
        case .loss: "compute_loss"
        case .examples: "load_examples"
        case .prompt: "write_prompt"
        case .answer: "read_answers"
        case .grade: "grade"
        case .respond: "respond"
        case .fit: "fit"
        case .score: "score"
        case .save: "save"
        }
    }
}

/// The numbers of the protocol between a host and its workers.
enum WorkerProtocol {
    /// Both ends are the same program, so versions differ only when one was replaced during a run.
    static let version: UInt32 = 2
    /// The first bytes of every frame, so that what a plugin writes into the socket is noticed.
    static let magic: UInt32 = 0x7746_5852
    /// Bytes before the payload of a frame.
    static let headerSize = 16
    /// The longest payload.
    static let longestPayload = 1 << 30
    /// Where a worker finds the socket to its host.
    static let socket: Int32 = 3
    /// Where a worker finds the page for its last words.
    static let lastWords: Int32 = 4
    /// How a worker ends when its connection is gone.
    static let connectionLostStatus: Int32 = 70
}

/// One message. Its bytes: magic, length of the payload, sequence number (all 32 bits), kind, code
/// (8 bits), two zero bytes, payload.
struct WorkerFrame: Sendable {
    /// The direction and sense of a frame.
    enum Kind: UInt8, Sendable {
        /// Host to worker; the code is a ``WorkerOperation``.
        case request = 1
        /// Worker to host, one for each request; the code is a ``ReplyCode``.
        case reply
        /// Worker to host, any number; the code is an ``EventCode``.
        case event
    }
    /// How a request ended.
    enum ReplyCode: UInt8, Sendable {
        /// With a value.
        case value
        /// With a `RefluxError`.
        case error
        /// With a `CancellationError`.
        case cancelled
    }
    /// What a worker says by the way.
    enum EventCode: UInt8, Sendable {
        /// A log line: level and text.
        case log
        /// An effective configuration: extension and JSON.
        case configuration
        /// Progress: done, total and unit.
        case progress
        /// Metrics: step and table.
        case metrics
        /// A line for people.
        case note
    }

    /// The direction and sense.
    var kind: Kind
    /// By kind.
    var code: UInt8
    /// The number of the request to which it belongs.
    var sequence: UInt32
    /// The payload.
    var payload: WireReader
}

extension WireWriter {
    /// Begins a frame in an empty writer; its payload follows.
    mutating func begin(_ kind: WorkerFrame.Kind, code: UInt8, sequence: UInt32) {
        reset()
        write(WorkerProtocol.magic)
        write(UInt32(0))
        write(sequence)
        write(kind.rawValue)
        write(code)
        write(UInt16(0))
    }

    /// Fills in the length of the frame.
    ///
    /// - Returns: whether the payload is short enough to be sent.
    mutating func end() -> Bool {
        let length = bytes.count - WorkerProtocol.headerSize
        guard length <= WorkerProtocol.longestPayload else { return false }
        replace(UInt32(length), at: 4)
        return true
    }
}
