import Foundation
import PluginCorpus
import RefluxPluginHost
import RefluxPluginTools
import Testing

@Suite("The templates of this repository")
struct RealTemplatesTests {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().path
    private static let resources = PluginResources(
        templates: "\(root)/Templates", include: "\(root)/Sources/CRefluxPlugin/include",
        kit: "\(root)/Templates/kit", rust: "\(root)/Templates/rust")

    private func write(_ language: PluginLanguage, _ kind: PluginKind, in folder: String) throws {
        let scaffold = try PluginScaffold(
            name: ScaffoldName("my-sample", builtIns: []), language: language, kind: kind,
            author: "A. Author", year: 2026)
        try scaffold.write(to: "\(folder)/my-sample", resources: Self.resources)
    }

    @Test(
        "fill without a gap for every language and kind", arguments: PluginLanguage.allCases,
        PluginKind.allCases)
    func fill(_ language: PluginLanguage, _ kind: PluginKind) async throws {
        try await withFolder { folder in
            try write(language, kind, in: folder)
            let files = try FileManager.default.subpathsOfDirectory(atPath: "\(folder)/my-sample")
            #expect(files.contains("Makefile") && files.contains("README.md"))
            #expect(files.contains("tests/cases.jsonl"))
            #expect(!files.contains { $0.contains("{{") })
        }
    }

    @Test(
        "in C build as they are and pass the checker",
        arguments: [PluginKind.pseudoRewardRule, .taskEvaluator])
    func build(_ kind: PluginKind) async throws {
        try await withFolder { folder in
            try write(.c, kind, in: folder)
            let project = "\(folder)/my-sample"
            try PluginBuilder.run("make", ["-s", "-C", project, "REFLUX=\(program)"])
            let report = try await check("\(project)/build/my-sample")
            #expect(report.failed == [], "\(report.tests.map(\.text).joined(separator: "\n"))")
            #expect(report["my-sample/golden"]?.status == .ok)
        }
    }
}
