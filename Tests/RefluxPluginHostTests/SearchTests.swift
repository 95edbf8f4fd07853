import Foundation
import PluginCorpus
import RefluxCore
import Testing

@testable import RefluxPluginHost

@Suite struct SearchTests {
    /// A search that sees only what the test names.
    private func search(
        _ folder: String, path: String? = nil, data: String? = nil, named: [String] = []
    ) -> PluginSearch {
        PluginSearch(
            named: named,
            variable: { name in
                switch name {
                case "REFLUX_PLUGIN_PATH": path
                case "XDG_DATA_HOME": data
                default: nil
                }
            }, home: "\(folder)/home", executable: "\(folder)/prefix/bin/reflux")
    }

    /// A sound plugin in a root.
    @discardableResult
    private func plugin(_ id: String, in root: String, version: String = "1.0.0") throws -> String {
        var builder = PluginBuilder()
        builder.id = id
        builder.manifest = { $0["version"] = version }
        return try builder.build(in: root)
    }

    @Test("the roots stand in the order of the search")
    func order() {
        let roots = search("/x", path: "/p/a:/p/b").roots()
        #expect(
            roots.map(\.path) == [
                "/p/a", "/p/b", "/x/home/.local/share/reflux/plugins",
                "/usr/local/lib/reflux/plugins", "/usr/lib/reflux/plugins",
                "/x/prefix/lib/reflux/plugins",
            ])
        #expect(
            roots.map(\.origin) == [
                .environment, .environment, .user, .system, .system, .bundled,
            ])
    }

    @Test("relative entries of the path are left out and said, empty ones are nothing")
    func relativeEntries() {
        let search = search("/x", path: "plugins::/p:.:")
        #expect(search.roots().first?.path == "/p")
        #expect(search.roots().count == 5)
        #expect(
            search.warnings == [
                "REFLUX_PLUGIN_PATH: \"plugins\" is not an absolute path and is left out.",
                "REFLUX_PLUGIN_PATH: \".\" is not an absolute path and is left out.",
            ])
    }

    @Test("the data folder may be moved, to an absolute path only")
    func dataFolder() {
        #expect(search("/x", data: "/d").roots()[0].path == "/d/reflux/plugins")
        #expect(search("/x", data: "d").roots()[0].path == "/x/home/.local/share/reflux/plugins")
    }

    @Test("a program in a build folder brings the plugins that were built there")
    func buildFolder() {
        let search = PluginSearch(
            variable: { _ in nil }, home: "/h",
            executable: "/r/.build/x86_64-unknown-linux-gnu/debug/reflux")
        #expect(search.roots().last == .init(path: "/r/.build/plugins", origin: .bundled))
    }

    @Test("without injection it is this process's environment, home and program")
    func processEnvironment() {
        #expect(
            PluginSearch().roots().map(\.origin).suffix(4) == [.user, .system, .system, .bundled])
        #expect(PluginSearch().roots().last?.path.hasPrefix("/") == true)
    }

    @Test("the first of an id wins, the later ones are shown as hidden, and no code runs")
    func hidden() throws {
        try withPluginFolder { folder in
            let first = try plugin("one", in: "\(folder)/a", version: "2.0.0")
            let second = try plugin("one", in: "\(folder)/b")
            let other = try plugin("two", in: "\(folder)/b")
            let search = search(folder, path: "\(folder)/a:\(folder)/b")
            let found = search.all().filter { $0.origin == .environment }
            #expect(found.map(\.folder) == [first, second, other])
            #expect(found.map(\.hiddenBy) == [nil, first, nil])
            #expect(try found[0].manifest.get().version == "2.0.0")
            #expect(try search.folder(for: "one", baseFolder: "/") == first)
            #expect(try search.folder(for: "two", baseFolder: "/") == other)
            #expect(!FileManager.default.fileExists(atPath: "\(folder)/a/canary"))
            #expect(!FileManager.default.fileExists(atPath: "\(folder)/b/canary"))
        }
    }

    @Test("a broken plugin hides nobody and stops nobody")
    func broken() throws {
        try withPluginFolder { folder in
            let broken = try plugin("one", in: "\(folder)/a")
            try PluginBuilder.run("rm", ["\(broken)/plugin.json"])
            try PluginBuilder.run("mkfifo", ["\(broken)/plugin.json"])
            let sound = try plugin("one", in: "\(folder)/b")
            let torn = try plugin("torn", in: "\(folder)/b")
            try write("{", to: "\(torn)/plugin.json")
            let search = search(folder, path: "\(folder)/a:\(folder)/b:\(folder)/none")
            let found = search.all().filter { $0.origin == .environment }
            #expect(found.map(\.folder) == [broken, sound, torn])
            #expect(found.map(\.hiddenBy) == [nil, nil, nil])
            #expect(throws: RefluxError.self) { try found[0].manifest.get() }
            #expect(try found[1].manifest.get().id == "one")
            #expect(try search.folder(for: "one", baseFolder: "/") == sound)
            // Where all are broken, reading the first one says why.
            #expect(try search.folder(for: "torn", baseFolder: "/") == torn)
        }
    }

    @Test("folders that the caller names come first")
    func named() throws {
        try withPluginFolder { folder in
            let own = try plugin("one", in: "\(folder)/own")
            let installed = try plugin("one", in: "\(folder)/a")
            let search = search(folder, path: "\(folder)/a", named: [own])
            #expect(search.all().map(\.folder) == [own, installed])
            #expect(search.all().map(\.hiddenBy) == [nil, own])
            #expect(try search.folder(for: "one", baseFolder: "/") == own)
        }
    }

    @Test("a path is taken from the base folder, and never an id from the current folder")
    func paths() throws {
        try withPluginFolder { folder in
            let path = try plugin("one", in: folder)
            let search = search(folder)
            #expect(try search.folder(for: "./one", baseFolder: folder) == "\(folder)/./one")
            #expect(try search.folder(for: "one/", baseFolder: folder) == path)
            #expect(try search.folder(for: path, baseFolder: "/") == path)
            #expect(
                refusal { _ = try search.folder(for: "one", baseFolder: folder) }.hasPrefix(
                    "\(folder): no plugin \"one\"; wanted one of the plugins that `reflux plugin "
                        + "list` shows, or a path with a \"/\". There are no plugins in "))
        }
    }

    @Test("an unknown id brings the nearest one")
    func unknown() throws {
        try withPluginFolder { folder in
            try plugin("length-penalty", in: "\(folder)/a")
            try plugin("two", in: "\(folder)/a")
            let search = search(folder, path: "\(folder)/a")
            let error = #expect(throws: RefluxError.self) {
                try search.folder(for: "lenght-penalty", baseFolder: "/run")
            }
            #expect(error?.kind == .usage)
            #expect(
                error?.description
                    == "/run: no plugin \"lenght-penalty\"; wanted one of the plugins that `reflux "
                    + "plugin list` shows, or a path with a \"/\". Did you mean "
                    + "\"length-penalty\"? Known: length-penalty, two. [plugin.found]")
            #expect(
                refusal { _ = try search.folder(for: "..", baseFolder: "/run") }
                    == "/run: the plugin \"..\"; wanted a plugin's id, or a path with a \"/\". For "
                    + "a folder here write \"./..\". [plugin.found]")
        }
    }

    @Test("a path without a plugin says what stands there")
    func wrongPaths() throws {
        try withPluginFolder { folder in
            let search = search(folder)
            let wanted = "; wanted the folder of a plugin, with a plugin.json. "
            #expect(
                refusal { _ = try search.folder(for: "./no", baseFolder: folder) }
                    == "\(folder)/./no: there is no such folder\(wanted)Check the path. "
                    + "[plugin.found]")
            let place = SourceLocation(path: "run.yaml", line: 4, key: "plugins[0]")
            #expect(
                refusal { _ = try search.folder(for: "./no", baseFolder: folder, at: place) }
                    == "run.yaml:4: plugins[0]: \(folder)/./no: there is no such folder\(wanted)"
                    + "Check the path. [plugin.found]")
            #expect(
                refusal { _ = try search.folder(for: "no", baseFolder: folder, at: place) }
                    .hasPrefix("run.yaml:4: plugins[0]: no plugin \"no\"; wanted "))
            try write("", to: "\(folder)/file")
            #expect(
                refusal { _ = try search.folder(for: "\(folder)/file", baseFolder: "/") }
                    == "\(folder)/file: a file\(wanted)Check the path. [plugin.found]")
            try FileManager.default.createDirectory(
                atPath: "\(folder)/project", withIntermediateDirectories: true)
            try write("", to: "\(folder)/project/Makefile")
            #expect(
                refusal { _ = try search.folder(for: "\(folder)/project", baseFolder: "/") }
                    == "\(folder)/project: a folder without a plugin.json\(wanted)Build the plugin "
                    + "with make, then name the folder in build/. [plugin.found]")
            let built = try plugin("one", in: "\(folder)/project/build")
            #expect(
                refusal { _ = try search.folder(for: "\(folder)/project", baseFolder: "/") }
                    == "\(folder)/project: a folder without a plugin.json\(wanted)Did you mean "
                    + "\(built)? [plugin.found]")
        }
    }
}
