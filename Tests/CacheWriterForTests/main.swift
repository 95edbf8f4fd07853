// Stores numbered answers in a response cache until it is done or killed, and says after each that
// it is stored: `CacheWriterForTests FILE FIRST COUNT`.
import Foundation
import RefluxTeachers

let arguments = CommandLine.arguments
guard arguments.count == 4, let first = Int(arguments[2]), let count = Int(arguments[3]) else {
    exit(2)
}
do {
    let cache = try ResponseCache(path: arguments[1])
    for number in first..<first + count {
        let key = try ResponseKey(
            server: "http://127.0.0.1:1/v1", path: "completions", model: "tiny",
            body: ["prompt": "question \(number)"], seed: 1, sample: 0)
        try await cache.store(
            CachedResponse(
                promptID: "\(number)", question: "question \(number)",
                text: String(repeating: "\(number) ", count: 2000), finish: .stop, sample: 0,
                seconds: 0), for: key)
        try FileHandle.standardOutput.write(contentsOf: Data("\(number)\n".utf8))
    }
} catch {
    try? FileHandle.standardError.write(contentsOf: Data("\(error)\n".utf8))
    exit(1)
}
