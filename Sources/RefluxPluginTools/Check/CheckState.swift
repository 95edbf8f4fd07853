import RefluxCore
import RefluxFiles
import RefluxPluginHost

/// How far a check has come: what the foundations gave, and what failed.
struct CheckState {
    let checker: PluginChecker
    /// The manifest, when it could be read.
    let manifest: PluginManifest?
    /// The results to be reported.
    var results: [PluginTestResult] = []

    private let manifestError: RefluxError?
    private let libraryError: RefluxError?
    private var loading: Loading = .unknown
    /// Why the other tests of an extension cannot say anything.
    private var blocked: [String: String] = [:]

    private enum Loading {
        case unknown
        case done(PluginProblem?)
    }

    /// Reads the manifest and checks the library; no code of the plugin runs.
    init(checker: PluginChecker) {
        self.checker = checker
        var (manifestError, libraryError): (RefluxError?, RefluxError?)
        var manifest: PluginManifest?
        do {
            let read = try PluginManifest.read(folder: checker.folder)
            manifest = read
            manifestError = Self.unknownKeys(of: read)
            _ = try PluginLibrary.verify(read)
        } catch {
            let problem =
                error as? RefluxError ?? RefluxError(.internalFault, found: "\(error)")
            if manifest == nil { manifestError = problem } else { libraryError = problem }
        }
        (self.manifest, self.manifestError) = (manifest, manifestError)
        self.libraryError = libraryError
    }

    /// Warnings of the manifest are errors here.
    private static func unknownKeys(of manifest: PluginManifest) -> RefluxError? {
        guard !manifest.warnings.isEmpty else { return nil }
        return PluginCheck.manifestKeys.error(
            found: manifest.warnings.joined(separator: " "),
            at: SourceLocation(path: manifest.path), wanted: "known keys only, or keys with x-",
            remedy: "Correct them or take them out.")
    }

    /// Whether one of the tests that were asked for has to load the plugin.
    func needsLoading(for tests: Set<String>) -> Bool {
        manifest != nil && libraryError == nil
            && tests.contains { $0.contains("/") || $0 == DescriptionTest.id }
    }

    /// Carries out a test.
    mutating func result(of test: PlannedTest) async throws -> PluginTestResult {
        let clock = ContinuousClock()
        let start = clock.now
        let verdict = try await verdict(of: test)
        let time = (clock.now - start).components
        var result = PluginTestResult(
            id: test.id, status: .ok, description: test.description,
            seconds: Double(time.seconds) + (Double(time.attoseconds) / 1e15).rounded() / 1e3)
        switch verdict {
        case .ok: break
        case .skipped(let reason): (result.status, result.reason) = (.skipped, reason)
        case .failed(let problem):
            (result.status, result.error) = (.fail, problem)
            result.reproduce = checker.command(for: test.id)
        }
        return result
    }

    /// How a test ended.
    private enum Verdict {
        case ok
        case skipped(String)
        case failed(PluginProblem)
    }

    private mutating func verdict(of test: PlannedTest) async throws -> Verdict {
        switch test.work {
        case .manifest:
            return verdict(of: test.id, error: manifestError, blocker: nil, stage: "manifest.field")
        case .folder:
            guard let manifest, let folder = FolderTest(rawValue: test.id) else {
                return .skipped("the manifest could not be read")
            }
            return Self.verdict(of: test.id) { try folder.run(manifest) }
        case .library:
            guard manifest != nil else { return .skipped("the manifest could not be read") }
            return verdict(of: test.id, error: libraryError, blocker: nil, stage: "library.read")
        case .load: return try await loadVerdict(of: test.id)
        case .child, .twoChildren: return try await childVerdict(of: test)
        }
    }

    /// Of one reading with many checks: the check at which it failed, or the one that stands for
    /// whatever has none of its own.
    private func verdict(
        of test: String, error: RefluxError?, blocker: String?, stage: String
    ) -> Verdict {
        guard let error else { return .ok }
        let known = PluginCheck(rawValue: error.check ?? "") != nil
        let failed = known ? error.check ?? stage : stage
        if failed == test { return .failed(PluginProblem(error, test: test)) }
        return failed == PluginCheck.manifestKeys.rawValue
            ? .ok : .skipped("\(failed) failed")
    }

    private static func verdict(of test: String, _ body: () throws -> Void) -> Verdict {
        do {
            try body()
            return .ok
        } catch let error as RefluxError {
            return .failed(PluginProblem(error, test: test))
        } catch {
            return .failed(PluginProblem(check: test, found: "\(error)"))
        }
    }

    private mutating func loadVerdict(of test: String) async throws -> Verdict {
        if let reason = reasonNotToLoad { return .skipped(reason) }
        guard let problem = try await loadingProblem() else { return .ok }
        let isOwn = PluginCheck.loadChecks.contains { $0.rawValue == problem.check }
        let failed = isOwn ? problem.check : PluginCheck.loadOpen.rawValue
        return failed == test ? .failed(problem) : .skipped("\(failed) failed")
    }

    private var reasonNotToLoad: String? {
        if manifest == nil { return "the manifest could not be read" }
        return libraryError == nil ? nil : "the library was refused"
    }

    private mutating func loadingProblem() async throws -> PluginProblem? {
        if case .done(let problem) = loading { return problem }
        let outcome = try await checker.process(
            for: PluginCheckChild.load, place: checker.folder
        ).run()
        loading = .done(outcome.answer.problem)
        return outcome.answer.problem
    }

    private mutating func childVerdict(of test: PlannedTest) async throws -> Verdict {
        if let reason = reasonNotToLoad { return .skipped(reason) }
        if try await loadingProblem() != nil { return .skipped("the plugin cannot be loaded") }
        if let reason = test.skip { return .skipped(reason) }
        let subject = test.extensionID ?? ""
        if let reason = blocked[subject] { return .skipped(reason) }
        let place = "\(checker.folder): \(subject)"
        let process = checker.process(for: test.id, place: place)
        let outcome = try await process.run()
        if let problem = outcome.answer.problem {
            block(subject, after: test, outcome.ending)
            return .failed(problem)
        }
        if let reason = outcome.answer.skipped { return .skipped(reason) }
        guard test.work == .twoChildren else { return .ok }
        return try await compare(outcome, test, process)
    }

    /// What makes the other tests of an extension useless: no instance, or a test that hung.
    private mutating func block(
        _ subject: String, after test: PlannedTest, _ ending: ChildEnding
    ) {
        if test.id == "\(subject)/\(ExtensionTest.create.rawValue)" {
            blocked[subject] = "no instance can be made"
        } else if ending == .timeout {
            blocked[subject] = "\(test.id) did not end"
        }
    }

    /// Compares the transcript of a process with that of another one, which starts in another second
    /// of the clock and has another id and other addresses.
    private func compare(
        _ first: ChildProcess.Outcome, _ test: PlannedTest, _ process: ChildProcess
    ) async throws -> Verdict {
        try await Task.sleep(for: .milliseconds(1_100))
        let second = try await process.run()
        if let problem = second.answer.problem { return .failed(problem) }
        let (one, other) = (first.answer.transcript, second.answer.transcript)
        guard one != other else { return .ok }
        let input = one.indices.first { !other.indices.contains($0) || one[$0] != other[$0] } ?? 0
        let (found, wanted) = (
            other.count > input ? other[input] : "", one.count > input ? one[input] : ""
        )
        return .failed(
            PluginProblem(
                check: ExtensionTest.twoProcesses.rawValue,
                found: "input \(input) gave \(shortened(found, against: wanted))",
                place: "\(process.place): input \(input)",
                wanted: "what another process gave: \(shortened(wanted, against: found))",
                remedy: "Let nothing depend on the clock, the process, addresses, or the order of"
                    + " hashed sets; or do not call the extension deterministic."))
    }
}
