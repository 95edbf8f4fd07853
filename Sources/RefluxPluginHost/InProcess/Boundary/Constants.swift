// The numbers of the header that its macros keep from Swift (`INT32_C`). A test compares them with
// the header's text.

/// What a function of a plugin returns.
enum Status {
    static let ok: Int32 = 0
    static let error: Int32 = 1
    static let cancelled: Int32 = 2
    static let unsupported: Int32 = 3
    static let outOfMemory: Int32 = 4
}

/// Who speaks in a message.
enum Speaker {
    static let system: Int32 = 0
    static let user: Int32 = 1
    static let assistant: Int32 = 2
}

/// Whose response it is.
enum Role {
    static let teacher: Int32 = 0
    static let student: Int32 = 1
}

/// Why a response ended.
enum Finish {
    static let stop: Int32 = 0
    static let length: Int32 = 1
    static let unknown: Int32 = 2
}

/// Parts of a dataset.
enum SplitNumber {
    static let train: Int32 = 0
    static let test: Int32 = 1
    static let validation: Int32 = 2
}
