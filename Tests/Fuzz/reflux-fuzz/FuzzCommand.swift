import ArgumentParser
import Foundation
import RefluxFuzz

/// Gives the readers of outside bytes a great many mutated inputs and looks for traps, hangs, broken
/// properties and time that is not linear.
@main
struct FuzzCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reflux-fuzz",
        abstract: "Mutated inputs for the readers of outside bytes.",
        discussion: "Exit code 1 when anything is found. The inputs depend on the seed, their "
            + "index and the real data alone, so every finding can be run again with --only.")

    @Argument(help: "The targets; all where none is named.")
    var targets: [String] = []

    @Option(help: "How many inputs each target gets.")
    var inputs = 20_000

    @Option(help: "The seed of the mutations.")
    var seed: UInt64 = 17

    @Option(help: "A folder of real data whose texts serve as seeds too.")
    var data: String?

    @Option(help: "Where inputs go that found something.")
    var findings = ".build/fuzz"

    @Option(help: "Run a single input, in this process, and print it first.")
    var only: Int?

    @Flag(inversion: .prefixedNo, help: "Measure how time grows with size.")
    var scaling = true

    @Flag(help: "Print the growth of every reader on every shape, not of the worst shape alone.")
    var verbose = false

    @Option(help: .hidden)
    var worker: String?

    @Option(help: .hidden)
    var from = 0

    func run() throws {
        let chosen = FuzzTargets.all.filter { targets.isEmpty || targets.contains($0.name) }
        for name in targets where !chosen.contains(where: { $0.name == name }) {
            let known = FuzzTargets.all.map(\.name).joined(separator: ", ")
            throw ValidationError("there is no target \(name); there are \(known)")
        }
        var isClean = true
        for (name, make) in chosen {
            if let worker {
                try FuzzWorker(folder: worker).run(make(data), seed: seed, from..<inputs)
            } else if let only {
                try runOne(make(data), index: only)
            } else {
                isClean = try campaign(name, make) && isClean
            }
        }
        if !isClean { throw ExitCode(1) }
    }

    private func campaign(_ name: String, _ make: (String?) throws -> FuzzTarget) throws -> Bool {
        let target = try make(data)
        var arguments = [name, "--inputs", "\(inputs)", "--seed", "\(seed)"]
        if let data { arguments += ["--data", data] }
        let clock = ContinuousClock()
        var found: [FuzzLoop.Finding] = []
        let time = try clock.measure {
            found = try FuzzSupervisor(arguments: arguments, inputs: inputs).run()
        }
        try keep(found, of: target)
        let seconds = String(format: "%.1f", Double(time.components.seconds))
        print("\(name): \(inputs) inputs, seed \(seed), \(seconds) s, \(found.count) findings")
        for finding in found { print("  input \(finding.index): \(finding.message)") }
        return try (scaling ? measure(target) : true) && found.isEmpty
    }

    private func keep(_ found: [FuzzLoop.Finding], of target: FuzzTarget) throws {
        guard !found.isEmpty else { return }
        try FileManager.default.createDirectory(
            atPath: findings, withIntermediateDirectories: true)
        let inputs = FuzzInputs(target, seed: seed)
        for finding in found {
            let path = "\(findings)/\(target.name)-\(seed)-\(finding.index)"
            try Data(inputs[finding.index]).write(to: URL(fileURLWithPath: path))
            print("  kept in \(path)")
        }
    }

    private func measure(_ target: FuzzTarget) throws -> Bool {
        let rows = try FuzzScaling(target).rows()
        for reader in target.timed.map(\.name) {
            let own = rows.filter { $0.reader == reader }
            let worst = own.max { $0.last < $1.last }
            for row in own where verbose || row.fault != nil || row.shape == worst?.shape {
                let times = row.times.map { time in
                    let size = time.bytes < 1000 ? "\(time.bytes)" : "\((time.bytes + 512) / 1024)k"
                    return "\(size) " + String(format: "%.1f", time.nanosecondsPerByte)
                }
                print(
                    "  \(reader) on \(row.shape), ns a byte: \(times.joined(separator: ", "))"
                        + (row.fault.map { " TOO SLOW: \($0)" } ?? ""))
            }
        }
        let faults = rows.count { $0.fault != nil }
        print("  \(rows.count) readers on shapes up to 1 MiB, \(faults) too slow")
        return faults == 0
    }

    private func runOne(_ target: FuzzTarget, index: Int) throws {
        let input = FuzzInputs(target, seed: seed)[index]
        print(String(decoding: input, as: UTF8.self))
        try FuzzLoop(target, seed: seed).run(index..<(index + 1)) { finding in
            print("found: \(finding.message)")
            return true
        }
    }
}
