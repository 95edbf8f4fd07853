import Synchronization
import Testing

@testable import RefluxPipeline

@Suite struct ConsoleTests {
    private final class Screen: Sendable {
        let text = Mutex("")
        let now = Mutex(0.0)
        func console(_ style: Console.Style) -> Console {
            Console(
                style: style, seconds: { self.now.withLock { $0 } },
                write: { more in self.text.withLock { $0 += more } })
        }
        func show(_ console: Console, at time: Double, done: Int) {
            now.withLock { $0 = time }
            console.progress("teach", done: done, total: 100, unit: "responses")
        }
        var lines: [Substring] { text.withLock { $0.split(separator: "\n") } }
    }

    @Test func plainProgressComesAtMostEveryInterval() {
        let screen = Screen()
        let console = screen.console(.plain(interval: 5))
        for time in 0..<20 { screen.show(console, at: Double(time), done: time * 2) }
        #expect(screen.lines.count == 3)
        #expect(
            screen.lines.last
                == "teach: 30 of 100 responses (30%), 2 responses/s, 35 s left")
    }

    @Test func aResumedStageMeasuresItsOwnWorkOnly() {
        let screen = Screen()
        let console = screen.console(.plain(interval: 0))
        screen.show(console, at: 10, done: 50)
        screen.show(console, at: 20, done: 60)
        #expect(screen.lines.last?.hasSuffix("1 responses/s, 40 s left") == true)
    }

    @Test func aTerminalLineIsRewrittenAndNotesStandAlone() {
        let screen = Screen()
        let console = screen.console(.terminal)
        screen.show(console, at: 0, done: 1)
        screen.show(console, at: 1, done: 2)
        console.note("a note")
        let text = screen.text.withLock { $0 }
        #expect(text.hasSuffix("\r\u{1B}[2Ka note\n"))
        #expect(text.count { $0 == "\n" } == 1)
    }

    @Test func quietShowsNothing() {
        let screen = Screen()
        let console = screen.console(.quiet)
        screen.show(console, at: 0, done: 1)
        console.note("a note")
        console.endProgress()
        #expect(screen.text.withLock { $0 } == "")
    }
}
