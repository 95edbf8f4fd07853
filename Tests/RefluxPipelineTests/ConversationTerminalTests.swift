import Foundation
import RefluxCore
import Testing

@testable import RefluxPipeline

/// A program on a pseudo-terminal, which `script` (util-linux) makes: what it shows, and what is typed.
final class PseudoTerminal {
    static let script = "/usr/bin/script"

    private let process = Process()
    private let keyboard = Pipe()
    private let log: String

    init(_ arguments: [String], in folder: TemporaryFolder) throws {
        log = try folder.write("", to: "screen")
        // "exec": a shell that waits would take Ctrl-C for its own end.
        let words = ["exec", Program.path] + arguments.map { "'\($0)'" }
        let command = words.joined(separator: " ")
        process.executableURL = URL(filePath: Self.script)
        process.arguments = ["-qefc", command, "/dev/null"]
        process.currentDirectoryURL = URL(filePath: folder.path)
        process.environment = ProcessInfo.processInfo.environment.merging([
            "TERM": "xterm", "LC_ALL": "C", "SHELL": "/bin/sh",
        ]) { $1 }
        process.standardInput = keyboard
        process.standardOutput = FileHandle(forWritingAtPath: log)
        process.standardError = FileHandle.nullDevice
        try process.run()
    }

    deinit { if process.isRunning { process.terminate() } }

    var screen: String {
        String(decoding: (try? Data(contentsOf: URL(filePath: log))) ?? Data(), as: UTF8.self)
    }

    func type(_ text: String) { keyboard.fileHandleForWriting.write(Data(text.utf8)) }

    /// Waits until something stands on the screen so many times.
    func sees(_ text: String, times: Int = 1) async throws -> Bool {
        for _ in 0..<1200 {
            if screen.ranges(of: text).count >= times { return true }
            guard process.isRunning else { break }
            try await Task.sleep(for: .milliseconds(25))
        }
        return screen.ranges(of: text).count >= times
    }

    func end() -> Int32 {
        process.waitUntilExit()
        return process.terminationStatus
    }
}

/// `reflux generate` on a terminal and in a pipe.
@Suite(.enabled(if: FileManager.default.isExecutableFile(atPath: PseudoTerminal.script)))
struct ConversationTerminalTests {
    @Test func aConversation() async throws {
        let model = try await TalkingModel()
        let terminal = try PseudoTerminal(
            ["generate", "--model", "model", "--max-tokens", "8", "--precision", "f32"],
            in: model.folder)
        try #require(try await terminal.sees("> "), "\(terminal.screen)")
        terminal.type("Who are you?\r")
        #expect(try await terminal.sees("the first after"), "\(terminal.screen)")
        // Editing: a character is taken back, and characters beyond ASCII arrive.
        terminal.type("/systemx\u{7F} é日本\r")
        #expect(try await terminal.sees("> ", times: 3), "\(terminal.screen)")
        terminal.type("/save talk.json\r")
        #expect(try await terminal.sees("3 messages in talk.json"), "\(terminal.screen)")
        let saved = try JSONDecoder().decode(
            SavedConversation.self, from: Data(try model.folder.read("talk.json").utf8))
        #expect(saved.messages.first?.content == "é日本")
        #expect(saved.messages.dropFirst().first?.content == "Who are you?")
        // The history: the line before the last one, which is not there yet as a file.
        terminal.type("\u{10}\u{7F}2\r")
        #expect(try await terminal.sees("3 messages in talk.jso2"), "\(terminal.screen)")
        terminal.type("\u{4}")
        #expect(terminal.end() == 0)
    }

    @Test func controlCStopsTheAnswerAndNotTheProgram() async throws {
        // An answer of minutes: on a busy machine this test may sleep for many seconds.
        let model = try await TalkingModel(contextLength: 600_000)
        let terminal = try PseudoTerminal(
            [
                "generate", "--model", "model", "--max-tokens", "500000", "--precision", "f32",
            ], in: model.folder)
        try #require(try await terminal.sees("> "), "\(terminal.screen)")
        terminal.type("half a line")
        #expect(try await terminal.sees("half a line"))
        terminal.type("\u{3}")
        #expect(try await terminal.sees("Ctrl-D or /exit ends."), "\(terminal.screen)")
        terminal.type("Talk!\r")
        #expect(try await terminal.sees("Talk!"))
        // Before the answer has begun, the line's reader would take the key.
        let before = terminal.screen.count
        for _ in 0..<6000 where terminal.screen.count < before + 100 {
            try await Task.sleep(for: .milliseconds(20))
        }
        terminal.type("\u{3}")
        #expect(try await terminal.sees("stopped; "), "\(terminal.screen.suffix(2000))")
        terminal.type("/exit\r")
        #expect(terminal.end() == 0)
    }

    @Test func aPromptIsAnsweredAsItComes() async throws {
        let model = try await TalkingModel()
        let arguments = [
            "generate", "--model", "model", "--max-tokens", "8", "--precision", "f32", "Who?",
        ]
        let piped = try Program.call(arguments, in: model.folder.path)
        let terminal = try PseudoTerminal(arguments, in: model.folder)
        #expect(terminal.end() == 0)
        let shown = terminal.screen.replacing("\r\n", with: "\n")
        #expect(shown.hasPrefix(piped.output), "\(shown)")
        #expect(piped.errors.isEmpty)
    }

    @Test func aPipeIsOnePromptAndItsAnswerAlone() async throws {
        let model = try await TalkingModel()
        let arguments = [
            "generate", "--model", "model", "--max-tokens", "8", "--precision", "f32",
        ]
        let given = try Program.call(arguments + ["Who\nare you?"], in: model.folder.path)
        let call = { (extra: [String], input: String) in
            try Program.run(
                Program.path, arguments + extra, in: model.folder.path, input: input)
        }
        let piped = try call([], "Who\nare you?\n")
        #expect(piped.code == 0, "\(piped)")
        #expect(piped.output == given.output)
        #expect(piped.errors.isEmpty)
        let lines = try call(["--lines", "--json"], "Who\nare you?\n")
        #expect(lines.output.count { $0 == "\n" } == 2)
        let nothing = try call([], "")
        #expect(nothing.code == 2)
        #expect(nothing.errors.contains("no prompt"))
    }
}
