import Foundation
import RefluxCore
import RefluxFiles
import RefluxPluginHost

/// Tests a plugin as its users will use it: `reflux plugin check`.
///
/// No code of the plugin runs in this process. Every test that needs the plugin loads it in a process
/// of its own with a limit of time, so a crash, a hang or an `exit` is that test's failure, and the
/// next test begins afresh.
///
/// **Threads.** Any. **Cost.** A process a test; some seconds for an extension.
public struct PluginChecker: Sendable {
    /// How to check.
    public struct Options: Sendable {
        /// The seed of the random inputs.
        public var seed: UInt64
        /// The time of one test.
        public var timeout: Duration
        /// A test's id, or the beginning of several before a slash or a dot; `nil` for all.
        public var only: String?

        /// Makes options.
        public init(seed: UInt64 = 1, timeout: Duration = .seconds(60), only: String? = nil) {
            self.seed = seed
            self.timeout = timeout
            self.only = only
        }
    }

    /// The plugin's folder.
    public var folder: String
    /// How to check.
    public var options: Options
    /// The program that runs a test: `PROGRAM plugin check FOLDER --only ID --in-child --result …`.
    public var program: String

    /// Makes a checker.
    public init(folder: String, options: Options = Options(), program: String) {
        self.folder = folder
        self.options = options
        self.program = program
    }

    /// The ids and descriptions of the tests in the order in which they run.
    ///
    /// - Throws: `RefluxError` of kind `usage` when ``Options/only`` names no test.
    public func list() throws -> [(id: String, description: String)] {
        try selected(of: TestPlan(manifest: try? PluginManifest.read(folder: folder)))
            .map { ($0.id, $0.description) }
    }

    /// Carries the tests out.
    ///
    /// - Parameter tell: is given each result as soon as it is there.
    /// - Returns: all results.
    /// - Throws: `RefluxError` of kind `usage` when ``Options/only`` names no test;
    ///   `CancellationError`; `RefluxError` when processes cannot be started.
    public func run(tell: (PluginTestResult) -> Void = { _ in }) async throws -> PluginCheckReport {
        guard Files.isFolder(folder) else {
            throw PluginCheck.pluginFound.error(
                .usage, found: "no such folder", at: SourceLocation(path: folder),
                wanted: "the folder of a plugin, with plugin.json in it",
                remedy: "Build the plugin with make, and name build/ID.")
        }
        var state = CheckState(checker: self)
        let plan = TestPlan(manifest: state.manifest)
        let wanted = Set(try selected(of: plan).map(\.id))
        for test in plan.tests {
            let isWanted = wanted.contains(test.id)
            guard isWanted || test.work.isFoundation else { continue }
            if !isWanted, test.work == .load, !state.needsLoading(for: wanted) { continue }
            let result = try await state.result(of: test)
            guard isWanted || result.status == .fail else { continue }
            state.results.append(result)
            tell(result)
        }
        return PluginCheckReport(
            plugin: state.manifest?.id ?? (folder as NSString).standardizingPath.lastComponent,
            version: state.manifest?.version, seed: options.seed, tests: state.results)
    }

    /// The tests that were asked for.
    private func selected(of plan: TestPlan) throws -> [PlannedTest] {
        guard let only = options.only else { return plan.tests }
        let tests = plan.tests.filter {
            $0.id == only || $0.id.hasPrefix("\(only)/") || $0.id.hasPrefix("\(only).")
        }
        // An extension's tests are known when its manifest can be read; otherwise the run tells why.
        guard !tests.isEmpty || (try? PluginManifest.read(folder: folder)) == nil else {
            throw RefluxError(
                .usage, found: "no test \"\(only)\"", at: SourceLocation(path: folder),
                remedy: suggestion(for: only, known: plan.tests.map(\.id)))
        }
        return tests
    }

    /// The command that runs a test alone in the same way.
    func command(for test: String) -> String {
        let quoted =
            folder.allSatisfy { $0.isLetter || $0.isNumber || "/._-+".contains($0) }
            ? folder : "'\(folder.replacing("'", with: "'\\''"))'"
        let time = options.timeout == .seconds(60) ? "" : " --timeout \(seconds)"
        return "reflux plugin check \(quoted) --only \(test) --seed \(options.seed)\(time)"
    }

    /// The time of one test in whole seconds.
    var seconds: Int64 { max(1, options.timeout.components.seconds) }

    /// The process of a test.
    func process(for test: String, place: String) -> ChildProcess {
        ChildProcess(
            program: program,
            arguments: [
                "plugin", "check", folder, "--only", test, "--seed", "\(options.seed)",
                "--timeout", "\(seconds)", "--in-child",
            ], limit: options.timeout, place: place)
    }
}

extension String {
    fileprivate var lastComponent: String { (self as NSString).lastPathComponent }
}

extension PlannedTest.Work {
    /// Whether later tests can only run when this one is passed.
    fileprivate var isFoundation: Bool { [.manifest, .library, .load].contains(self) }
}
