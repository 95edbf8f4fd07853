import RefluxPluginHost

/// The tests of a plugin, in the order in which they run.
struct TestPlan: Sendable {
    /// The tests.
    let tests: [PlannedTest]

    /// The tests of a plugin whose manifest could be read; without one, those that need none.
    init(manifest: PluginManifest?) {
        tests =
            PluginCheck.manifestChecks.map { Self.test($0, .manifest) } + Self.folder
            + PluginCheck.libraryChecks.map { Self.test($0, .library) }
            + PluginCheck.loadChecks.map { Self.test($0, .load) } + [Self.description]
            + (manifest?.provides ?? []).flatMap { Self.tests(of: $0, in: manifest) }
    }

    private static func test(_ check: PluginCheck, _ work: PlannedTest.Work) -> PlannedTest {
        PlannedTest(id: check.rawValue, description: check.line, work: work)
    }

    private static let folder = FolderTest.allCases.map {
        PlannedTest(id: $0.rawValue, description: $0.line, work: .folder)
    }

    private static let description = PlannedTest(
        id: DescriptionTest.id, description: "the manifest is what the library says of itself",
        work: .child)

    private static func tests(of subject: PluginExtension, in manifest: PluginManifest?)
        -> [PlannedTest]
    {
        let behaviours = behaviourLines(of: exerciseOf(subject.kind, seed: 0))
        return ExtensionTest.before.map { $0.planned(for: subject, in: manifest) }
            + behaviours.map { id, line in
                PlannedTest(
                    id: "\(subject.id)/behaviour.\(id)", description: line, work: .child,
                    extensionID: subject.id)
            } + ExtensionTest.after.map { $0.planned(for: subject, in: manifest) }
    }

    private static func behaviourLines(of exercise: some Exercise) -> [(String, String)] {
        exercise.behaviours.map { ($0.id, $0.description) }
    }
}
