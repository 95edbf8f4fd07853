import Foundation
import Testing

/// The C header of the plugin boundary, as compilers of C and C++ see it.
@Suite("The C header")
struct HeaderTests {
    /// The root of the repository.
    private var root: String {
        URL(fileURLWithPath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .path
    }

    @Test("compiles alone as C11 and C++17 without a warning, has not moved, and passes its tests")
    func script() throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["\(root)/Tests/CRefluxPlugin/check.sh"]
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        let output = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        let text = String(decoding: output, as: UTF8.self)
        #expect(process.terminationStatus == 0, "\(text)")
        #expect(text.contains("layout: nothing has moved"), "\(text)")
    }
}
