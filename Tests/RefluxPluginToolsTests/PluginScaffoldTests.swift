import Foundation
import RefluxCore
import RefluxPluginHost
import Testing

@testable import RefluxPluginTools

@Suite("The scaffold of a new plugin")
struct PluginScaffoldTests {
    private func scaffold(_ name: String = "length-bonus", kind: PluginKind = .pseudoRewardRule)
        throws -> PluginScaffold
    {
        try PluginScaffold(
            name: ScaffoldName(name, builtIns: []), language: .c, kind: kind, author: "A. Author",
            year: 2026)
    }

    /// A small tree of templates with a rule in C.
    private func resources(in folder: String) throws -> PluginResources {
        let templates = "\(folder)/templates"
        try write("{{id}} {{title}} ({{kind}})\n", to: "\(templates)/c/common/README.md")
        try write("I={{include}} K={{kit}} R={{rust}}\n", to: "\(templates)/c/common/Makefile")
        try write("build/\n", to: "\(templates)/c/common/.gitignore")
        try write("common", to: "\(templates)/c/common/who")
        try write(
            "// {{author}}, {{year}}\nint {{symbol}}; // {{Module}} {{0}} {{ x }} {{\n",
            to: "\(templates)/c/pseudo-reward-rule/sources/{{symbol}}.c")
        try write("rule", to: "\(templates)/c/pseudo-reward-rule/who")
        try Data([0xFF, 0x00, 0x7B]).write(to: URL(fileURLWithPath: "\(templates)/c/common/data"))
        try write("#!/bin/sh\n", to: "\(templates)/c/common/run")
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o755], ofItemAtPath: "\(templates)/c/common/run")
        return PluginResources(templates: templates, include: "/i", kit: "/k", rust: "/r")
    }

    @Test("fills placeholders in contents and names, and keeps the rest")
    func fills() async throws {
        try await withFolder { folder in
            let project = "\(folder)/deep/project"
            let old = try scaffold().write(to: project, resources: resources(in: folder))
            #expect(old == nil)
            #expect(
                try read("\(project)/README.md")
                    == "length-bonus Length bonus (pseudo-reward-rule)\n")
            #expect(try read("\(project)/Makefile") == "I=/i K=/k R=/r\n")
            #expect(try read("\(project)/.gitignore") == "build/\n")
            #expect(try read("\(project)/who") == "rule")
            #expect(
                try read("\(project)/sources/length_bonus.c")
                    == "// A. Author, 2026\nint length_bonus; // LengthBonus {{0}} {{ x }} {{\n")
            #expect(
                try Data(contentsOf: URL(fileURLWithPath: "\(project)/data"))
                    == Data([0xFF, 0x00, 0x7B]))
            #expect(FileManager.default.isExecutableFile(atPath: "\(project)/run"))
            #expect(
                try FileManager.default.contentsOfDirectory(atPath: "\(folder)/deep") == ["project"]
            )
        }
    }

    @Test("refuses a folder that holds something, and leaves it as it is")
    func taken() async throws {
        try await withFolder { folder in
            try write("mine", to: "\(folder)/project/file")
            let resources = try resources(in: folder)
            let error = try #require(throws: RefluxError.self) {
                try scaffold().write(to: "\(folder)/project", resources: resources)
            }
            #expect(error.kind == .usage)
            #expect(try read("\(folder)/project/file") == "mine")
            #expect(
                try FileManager.default.contentsOfDirectory(atPath: "\(folder)/project") == ["file"]
            )
        }
    }

    @Test("takes an empty folder")
    func empty() async throws {
        try await withFolder { folder in
            try FileManager.default.createDirectory(
                atPath: "\(folder)/project", withIntermediateDirectories: false)
            try scaffold().write(to: "\(folder)/project", resources: resources(in: folder))
            #expect(try read("\(folder)/project/who") == "rule")
        }
    }

    @Test("with force moves what is there aside, again and again")
    func force() async throws {
        try await withFolder { folder in
            let resources = try resources(in: folder)
            try write("mine", to: "\(folder)/project")
            let first = try scaffold().write(
                to: "\(folder)/project", resources: resources, force: true)
            let second = try scaffold().write(
                to: "\(folder)/project/", resources: resources, force: true)
            #expect(first == "\(folder)/project.old")
            #expect(second == "\(folder)/project.old.2")
            #expect(try read("\(folder)/project.old") == "mine")
            #expect(try read("\(folder)/project.old.2/who") == "rule")
            #expect(try read("\(folder)/project/who") == "rule")
        }
    }

    @Test("with an unknown placeholder is an internal fault and leaves nothing behind")
    func unknownPlaceholder() async throws {
        try await withFolder { folder in
            let resources = try resources(in: folder)
            try write("\n{{ID}}\n", to: "\(resources.templates)/c/common/z")
            let error = try #require(throws: RefluxError.self) {
                try scaffold().write(to: "\(folder)/project", resources: resources)
            }
            #expect(error.kind == .internalFault)
            #expect(error.found == "the placeholder {{ID}}")
            #expect(error.location?.line == 2)
            #expect(
                try FileManager.default.contentsOfDirectory(atPath: folder) == ["templates"])
        }
    }

    @Test("without a template of the kind says which is missing")
    func missing() async throws {
        try await withFolder { folder in
            let resources = try resources(in: folder)
            let error = try #require(throws: RefluxError.self) {
                try scaffold(kind: .rewardModel).write(
                    to: "\(folder)/project", resources: resources)
            }
            #expect(error.location?.path == "\(resources.templates)/c/reward-model")
        }
    }

    @Test(
        "refuses titles and authors that would break a source file",
        arguments: [
            "", "a\"b", "a\\b", "a\nb", "{{id}}", "a */ b", String(repeating: "x", count: 101),
        ])
    func lines(_ text: String) throws {
        let name = try ScaffoldName("a", builtIns: [])
        #expect(throws: RefluxError.self) {
            try PluginScaffold(
                name: name, language: .c, kind: .pseudoRewardRule, title: text, author: "A",
                year: 2026)
        }
        #expect(throws: RefluxError.self) {
            try PluginScaffold(
                name: name, language: .c, kind: .pseudoRewardRule, author: text, year: 2026)
        }
    }

    @Test("finds its templates beside an installed binary, and above a build folder")
    func locates() async throws {
        try await withFolder { folder in
            try write("", to: "\(folder)/p/bin/reflux")
            try write("", to: "\(folder)/p/share/reflux/templates/c/common/x")
            let installed = try PluginResources.locate(executable: "\(folder)/p/bin/reflux")
            #expect(installed.templates == "\(folder)/p/share/reflux/templates")
            #expect(installed.include == "\(folder)/p/include")

            try write("", to: "\(folder)/s/Package.swift")
            try write("", to: "\(folder)/s/Templates/c/common/x")
            try write("", to: "\(folder)/s/.build/x/debug/reflux")
            let sources = try PluginResources.locate(
                executable: "\(folder)/s/.build/x/debug/reflux")
            #expect(sources.templates == "\(folder)/s/Templates")
            #expect(sources.include == "\(folder)/s/Sources/CRefluxPlugin/include")

            #expect(throws: RefluxError.self) {
                try PluginResources.locate(executable: "\(folder)/nowhere/reflux")
            }
        }
    }
}
