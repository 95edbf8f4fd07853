import Foundation
import RefluxCore

/// Cuts a stream of chunks into lines at line feeds.
struct LineSplitter {
    /// The number of the last line that was handed out, from 1.
    private(set) var number = 0
    /// The bytes handed out with their line feeds.
    private(set) var wholeBytes = 0
    /// What stands after the last line feed so far.
    private(set) var rest = Data()

    /// Hands out the lines that a chunk completes, without their line feeds.
    mutating func split(
        _ chunk: ArraySlice<UInt8>, _ body: (_ line: Data, _ number: Int) throws -> Void
    ) throws {
        try chunk.withUnsafeBytes { bytes in
            var start = 0
            while let end = firstIndex(of: 0x0A, in: bytes, from: start) {
                var line = Data(bytes[start..<end])
                if !rest.isEmpty {
                    line = rest + line
                    rest = Data()
                }
                number += 1
                wholeBytes += line.count + 1
                try body(line, number)
                start = end + 1
            }
            rest.append(contentsOf: bytes[start...])
        }
    }
}

/// Whether a line holds nothing but white space (space, tab, carriage return).
func isBlank(_ line: Data) -> Bool {
    line.allSatisfy { $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }
}
