import Foundation
import PluginCorpus
import RefluxCore
import Testing

@testable import RefluxPluginHost

@Suite struct LockTests {
    private func manifest(_ id: String, in folder: String, version: String = "1.0.0") throws
        -> PluginManifest
    {
        let hash = String(repeating: "ab", count: 32)
        let text = try PluginManifest.text(
            of: PluginDescription(
                id: id, name: id, version: version, license: "MIT", description: "d",
                language: "C", toolchain: "cc", abiMinor: 0, minimumHostMinor: 0,
                extensions: [
                    PluginExtension(
                        kind: .rewardModel, id: "m", title: "t", description: "d",
                        configurationSchema: "", concurrency: .serial, isDeterministic: true,
                        stability: .stable)
                ]),
            libraries: [
                .init(
                    os: "linux", architecture: PluginBuilder.architecture, path: "a.so",
                    sha256: hash, size: 1)
            ])
        try FileManager.default.createDirectory(
            atPath: "\(folder)/\(id)", withIntermediateDirectories: true)
        try write(text, to: "\(folder)/\(id)/plugin.json")
        return try PluginManifest.read(folder: "\(folder)/\(id)")
    }

    @Test("what is written reads back, sorted by id, and pins the plugins")
    func roundTrip() throws {
        try withPluginFolder { folder in
            let b = try manifest("b", in: folder)
            let a = try manifest("a", in: folder)
            let path = "\(folder)/reflux.lock"
            let lock = PluginLock([b, a], path: path)
            try lock.write()
            #expect(try PluginLock(readFrom: path) == lock)
            #expect(lock.plugins.map(\.id) == ["a", "b"])
            try lock.check(a)
            try lock.check(b)
            let text = try contents(path)
            #expect(
                text.hasPrefix(
                    """
                    {
                      "lock_version": 1,
                      "plugins": [
                        {
                          "id": "a",
                          "version": "1.0.0",
                          "manifest_sha256": "\(a.sha256)",
                          "libraries": [
                            {
                              "os": "linux",
                              "arch": "\(PluginBuilder.architecture)",
                              "sha256": "\(a.libraries[0].sha256)"
                    """))
            try PluginLock([a, b], path: path).write()
            #expect(try contents(path) == text)
        }
    }

    @Test("a plugin that is not pinned is refused")
    func notPinned() throws {
        try withPluginFolder { folder in
            let lock = PluginLock([try manifest("a", in: folder)], path: "/r/reflux.lock")
            let b = try manifest("b", in: folder)
            #expect(
                refusal { try lock.check(b) }
                    == "/r/reflux.lock: the plugin \"b\" is not in it; wanted every plugin of the "
                    + "run. If you trust the plugin, pin it: reflux plugin lock. [plugin.lock]")
        }
    }

    @Test("all that differs is named")
    func differences() throws {
        try withPluginFolder { folder in
            let old = try manifest("a", in: folder)
            let lock = PluginLock([old], path: "/r/reflux.lock")
            var new = try manifest("a", in: folder, version: "1.1.0")
            new.libraries[0].sha256 = String(repeating: "cd", count: 32)
            let platform = "linux \(PluginBuilder.architecture)"
            #expect(
                refusal { try lock.check(new) }
                    == "/r/reflux.lock: a: the plugin in \(folder)/a has the version 1.1.0, not "
                    + "1.0.0, a library for \(platform) with SHA-256 \(new.libraries[0].sha256), "
                    + "not \(old.libraries[0].sha256), a plugin.json with SHA-256 \(new.sha256), "
                    + "not \(old.sha256); wanted the plugin that is pinned. Install that plugin "
                    + "again, or: If you trust the plugin, pin it: reflux plugin lock. "
                    + "[plugin.lock]")
            new = old
            new.libraries[0].architecture = "riscv64"
            #expect(
                refusal { try lock.check(new) }.contains(
                    "a library for linux riscv64 with SHA-256 \(old.libraries[0].sha256), not "
                        + "pinned; wanted"))
        }
    }

    private static let hash = String(repeating: "0", count: 64)
    private static let broken: [(String, String)] = [
        (
            "", ": it is empty; wanted one JSON object. Write or generate it again. [plugin.lock]"
        ),
        (
            "{\n\"lock_version\": 1,\n}",
            ":3:1: it is not valid JSON: string or '}' expected near '}'; wanted one JSON object. "
                + "Correct the text at that place. [plugin.lock]"
        ),
        (
            "[]", ":1: a list; wanted an object. Write it again: reflux plugin lock. [plugin.lock]"
        ),
        (
            "{\"lock_version\": 1,\n\"lock_version\": 1}",
            ":2:14: a second key \"lock_version\"; wanted every key once. Remove one of the two. "
                + "[plugin.lock]"
        ),
        (
            "{\n\"lock_version\": 2, \"plugins\": []}",
            ":2: lock_version: the number 2; wanted 1. The lock is newer than this reflux: install "
                + "a newer reflux. [plugin.lock]"
        ),
        (
            "{\"lock_version\": 1}",
            ":1: plugins: the field is missing; wanted a list. Write it again: reflux plugin lock. "
                + "[plugin.lock]"
        ),
        (
            "{\"lock_version\": 1,\n\"plugin\": []}",
            ":2: unknown key \"plugin\"; wanted only known keys. Did you mean \"plugins\"? "
                + "[plugin.lock]"
        ),
        (
            "{\"lock_version\": 1, \"plugins\": [\n{\"id\": \"a\", \"version\": \"1.0.0\"}]}",
            ":2: plugins[0].manifest_sha256: the field is missing; wanted one line of text that is "
                + "not empty. Write it again: reflux plugin lock. [plugin.lock]"
        ),
    ]

    @Test("a broken lock is refused with its line", arguments: broken.indices)
    func brokenLock(index: Int) throws {
        try withPluginFolder { folder in
            let path = "\(folder)/reflux.lock"
            try write(Self.broken[index].0, to: path)
            #expect(refusal { _ = try PluginLock(readFrom: path) } == path + Self.broken[index].1)
        }
    }

    @Test("a missing lock and a pipe in its place are refused")
    func noFile() throws {
        try withPluginFolder { folder in
            let path = "\(folder)/reflux.lock"
            #expect(
                refusal { _ = try PluginLock(readFrom: path) }
                    == "\(path): there is no such file; wanted a lock file. Write it: reflux "
                    + "plugin lock. [plugin.lock]")
            try PluginBuilder.run("mkfifo", [path])
            #expect(
                refusal { _ = try PluginLock(readFrom: path) }.contains("it is a named pipe"))
        }
    }
}
