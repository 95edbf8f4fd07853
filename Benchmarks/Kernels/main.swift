import ArgumentParser
import Foundation

/// Measures the kernels one by one, on one thread: a guard of the parts beside the comparison of the
/// whole (`make bench`).
struct KernelBench: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "kernel-bench",
        abstract: "How much each kernel does in a second, on one thread, at its best of 15 rounds.")

    @Option(help: "Only kernels with this in their names.") var only: String?
    @Option(help: "Write the rates as JSON.") var out: String?
    @Option(
        help:
            "Compare with such a file of the same machine; exit 1 if a kernel is slower than --least."
    )
    var against: String?
    @Option(help: "The least ratio of new to old.") var least = 0.85

    func run() throws {
        let before = try against.map { path in
            try JSONDecoder().decode(
                [String: Double].self, from: Data(contentsOf: URL(filePath: path)))
        }
        var rates: [String: Double] = [:]
        var slow: [String] = []
        for kernel in Products.all + Layers.all where only.map(kernel.name.contains) ?? true {
            let rate = Self.best(of: kernel) / 1e9
            rates[kernel.name] = rate
            var line = kernel.name.padding(toLength: 34, withPad: " ", startingAt: 0)
            line += String(format: "%9.3f ", rate) + "\(kernel.unit)/s"
            if let old = before?[kernel.name] {
                line += String(format: "   %.2f of before", rate / old)
                if rate / old < least { slow.append(kernel.name) }
            }
            print(line)
        }
        if let out {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
            try encoder.encode(rates).write(to: URL(filePath: out))
        }
        if !slow.isEmpty {
            print("slower than \(least) of before: \(slow.joined(separator: "; "))")
            throw ExitCode(1)
        }
    }

    /// Work in a second: calls of some 10 ms together, the best of 15, since what disturbs only slows.
    private static func best(of kernel: Kernel) -> Double {
        let clock = ContinuousClock()
        kernel.call()
        var calls = 1
        while clock.measure({ for _ in 0..<calls { kernel.call() } }) < .milliseconds(10) {
            calls *= 2
        }
        let fastest = (0..<15).map { _ in
            clock.measure { for _ in 0..<calls { kernel.call() } }
        }.min()
        let seconds = fastest.map { $0 / .seconds(1) } ?? .infinity
        return kernel.work * Double(calls) / seconds
    }
}

KernelBench.main()
