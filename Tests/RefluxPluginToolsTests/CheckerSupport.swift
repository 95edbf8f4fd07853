import Foundation
import PluginCorpus
import RefluxPluginTools

/// The built command line, beside the tests' own binary.
let program = Bundle.main.bundleURL.appending(path: "reflux").path

/// Makes a sound plugin that has everything the checker asks for, and returns its folder.
func makeSoundPlugin(
    in folder: String, change: (inout PluginBuilder) -> Void = { _ in }
) throws -> String {
    var plugin = PluginBuilder()
    plugin.hasCanary = false
    change(&plugin)
    let path = try plugin.build(in: folder)
    try write("# Sample\n", to: "\(path)/README.md")
    return path
}

/// Checks a plugin.
func check(
    _ plugin: String, only: String? = nil, timeout: Duration = .seconds(60), seed: UInt64 = 1
) async throws -> PluginCheckReport {
    let options = PluginChecker.Options(seed: seed, timeout: timeout, only: only)
    return try await PluginChecker(folder: plugin, options: options, program: program).run()
}

extension PluginCheckReport {
    /// The ids of the tests that failed.
    var failed: [String] { tests.filter { $0.status == .fail }.map(\.id) }
    /// The checks of the tests that failed.
    var failedChecks: Set<String> { Set(tests.compactMap(\.error?.check)) }
    /// The result of a test.
    subscript(_ id: String) -> PluginTestResult? { tests.first { $0.id == id } }
}
