import Foundation

// The native engine as one side of a comparison: reads a command a line from standard input, answers
// each with a line. Benchmarks/Engine/bench.py drives it in turns with its peers.

/// The largest resident memory of this process so far, in bytes.
func peakMemory() -> Int {
    let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
    let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
    return line.flatMap { Int($0.filter(\.isNumber)) }.map { $0 * 1024 } ?? 0
}

let workbench = Workbench()
while let line = readLine() {
    let command = try JSONDecoder().decode(Command.self, from: Data(line.utf8))
    if command.work == .quit { break }
    do {
        var answer = try await workbench.perform(command)
        answer.peakBytes = peakMemory()
        FileHandle.standardOutput.write(try JSONEncoder().encode(answer) + Data("\n".utf8))
    } catch {
        FileHandle.standardError.write(Data("engine-bench: \(error)\n".utf8))
        exit(1)
    }
}
