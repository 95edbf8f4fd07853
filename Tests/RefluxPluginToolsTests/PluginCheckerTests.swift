import Foundation
import PluginCorpus
import RefluxCore
import RefluxPluginTools
import Testing

@Suite("The checker")
struct PluginCheckerTests {
    @Test("passes a sound plugin in every test")
    func sound() async throws {
        try await withFolder { folder in
            let plugin = try makeSoundPlugin(in: folder) {
                $0.manifest = { $0["tests"] = ["tests/cases.jsonl"] }
            }
            try write(
                """
                {"extension":"rule","responses":[{"answer":"4"},{"answer":null},{"answer":"5"}],\
                "expect":{"label":"4","verdicts":[1,{"abstain":"no answer"},0]}}
                {"extension":"rule","configuration":{},"prompt":"?","responses":[],\
                "expect":{"label":null,"abstention":"no responses","verdicts":[]}}

                """, to: "\(plugin)/tests/cases.jsonl")
            let report = try await check(plugin)
            #expect(report.failed == [], "\(report.tests.map(\.text).joined(separator: "\n"))")
            #expect(report.exitCode == 0)
            #expect(
                report.tests.filter { $0.status == .skipped }.map(\.id) == [
                    "rule/determinism.threads"
                ])
            #expect(report.tests.count > 50)
            #expect(report["rule/golden"]?.status == .ok)
            #expect(report["rule/determinism.processes"]?.status == .ok)
        }
    }

    @Test("has an id and a description of its own for every test")
    func list() async throws {
        try await withFolder { folder in
            let plugin = try makeSoundPlugin(in: folder)
            let tests = try PluginChecker(folder: plugin, program: program).list()
            #expect(Set(tests.map(\.id)).count == tests.count)
            #expect(tests.allSatisfy { !$0.description.isEmpty })
            #expect(tests.map(\.id).contains("rule/behaviour.large-group"))
        }
    }

    @Test("refuses a test that there is not, and suggests one")
    func unknownTest() async throws {
        try await withFolder { folder in
            let plugin = try makeSoundPlugin(in: folder)
            let error = try await #require(throws: RefluxError.self) {
                _ = try await check(plugin, only: "rule/goldn")
            }
            #expect(error.kind == .usage)
            #expect(error.remedy?.hasPrefix("Did you mean \"rule/golden\"?") == true)
        }
    }

    @Test("refuses a folder that is not there")
    func noFolder() async throws {
        let error = try await #require(throws: RefluxError.self) {
            _ = try await check("/no/such/plugin")
        }
        #expect(error.check == "plugin.found")
        #expect(error.exitCode == 2)
    }

    @Test("misses a README and an SPDX license")
    func folder() async throws {
        try await withFolder { folder in
            let plugin = try makeSoundPlugin(in: folder) {
                $0.manifest = { $0["license"] = "free, for everybody!" }
            }
            try write("", to: "\(plugin)/README.md")
            let report = try await check(plugin, only: "folder")
            #expect(report.failed == ["folder.readme", "folder.license"])
        }
    }

    @Test("still names the foundation that failed when one test was asked for")
    func foundation() async throws {
        try await withFolder { folder in
            let plugin = try makeSoundPlugin(in: folder)
            let library = try FileManager.default.subpathsOfDirectory(atPath: plugin)
                .first { $0.hasSuffix(".so") }
            try write("x", to: "\(plugin)/\(try #require(library))")
            let report = try await check(plugin, only: "rule/golden")
            #expect(report.failed == ["library.size"])
            #expect(report["rule/golden"]?.status == .skipped)
            #expect(report.exitCode == 1)
        }
    }

    @Test("prints lines for people or JSON, and exits with 0, 1 or 2")
    func commandLine() async throws {
        try await withFolder { folder in
            let plugin = try makeSoundPlugin(in: folder)
            let good = try call("plugin", "check", plugin, "--only", "rule/create")
            #expect(good.code == 0)
            #expect(good.output.contains("ok    rule/create\n"))
            #expect(good.output.hasSuffix("of 3 tests (seed 1)\n"))

            try write("", to: "\(plugin)/README.md")
            let bad = try call(
                "plugin", "check", plugin, "--only", "folder.readme", "--seed", "7", "--json")
            #expect(bad.code == 1)
            let report = try JSONDecoder().decode(
                PluginCheckReport.self, from: Data(bad.output.utf8))
            #expect(report.plugin == "sample" && report.version == "1.0.0" && report.seed == 7)
            let test = try #require(report["folder.readme"])
            #expect(test.error?.check == "folder.readme")
            #expect(test.error?.place == "\(plugin)/README.md")
            #expect(
                test.reproduce
                    == "reflux plugin check \(plugin) --only folder.readme --seed 7")
            #expect(bad.output.contains("\"where\" : "))

            #expect(try call("plugin", "check", "/no/such/plugin").code == 2)
            #expect(try call("plugin", "check", plugin, "--only", "nonsense").code == 2)
            #expect(try call("plugin", "check", plugin, "--timeout", "0").code == 2)
        }
    }

    private func call(_ arguments: String...) throws -> (code: Int32, output: String) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = FileHandle.nullDevice
        try process.run()
        let data = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: data, as: UTF8.self))
    }
}
