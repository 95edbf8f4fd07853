import Foundation
import PluginCorpus
import RefluxCore
import RefluxFiles
import Testing

@testable import RefluxPluginHost

@Suite struct LibraryTests {
    private static let arguments = [
        "-Wl,--hash-style=gnu", "-Wl,--hash-style=sysv", "-Wl,--hash-style=both",
        "-Wl,-z,now", "-Wl,-s", "-Wl,-z,separate-code", "-Wl,-Bsymbolic",
    ]

    @Test(
        "sound libraries pass, however they are linked, and their code does not run",
        arguments: arguments)
    func sound(argument: String) throws {
        try withPluginFolder { folder in
            var builder = PluginBuilder()
            builder.arguments = [argument]
            let path = try builder.build(in: folder)
            let manifest = try PluginManifest.read(folder: path)
            let library = try PluginLibrary.verify(manifest)
            #expect(library.path == "\(path)/\(builder.libraryPath)")
            #expect(library.sha256 == manifest.libraries[0].sha256)
            #expect(library.manifest == manifest)
            #expect(library.identity.count == 5)
            try library.confirmUnchanged()
            #expect(!Files.exists("\(folder)/canary"))
        }
    }

    @Test("a folder with the sticky bit may be written by everybody")
    func sticky() throws {
        try withPluginFolder { folder in
            let path = try PluginBuilder().build(in: folder)
            try PluginBuilder.run("chmod", ["1777", "\(path)/lib"])
            _ = try PluginLibrary.verify(PluginManifest.read(folder: path))
        }
    }

    @Test(
        "a library that is swapped, rewritten, touched or removed after the check is seen",
        arguments: [
            "cp LIB LIB.new && mv LIB.new LIB", "printf x | dd of=LIB bs=1 conv=notrunc",
            "printf x >> LIB", "touch LIB", "rm LIB", "chmod u+x LIB",
            "mv LIB LIB.old && ln -s LIB.old LIB && touch LIB",
        ])
    func changed(command: String) throws {
        try withPluginFolder { folder in
            let path = try PluginBuilder().build(in: folder)
            let library = try PluginLibrary.verify(PluginManifest.read(folder: path))
            try library.confirmUnchanged()
            // The clock of file times ticks every few milliseconds.
            Thread.sleep(forTimeInterval: 0.02)
            try PluginBuilder.run(
                "sh", ["-c", command.replacingOccurrences(of: "LIB", with: library.path)])
            #expect(
                refusal { try library.confirmUnchanged() }
                    == "\(library.path): another file than the one that was checked; wanted a "
                    + "library that stays as it is while it is loaded. Run again when nothing "
                    + "builds or installs the plugin. [library.changed]")
        }
    }

    @Test("a library that may not be read is refused")
    func unreadable() throws {
        try withPluginFolder { folder in
            let path = try PluginBuilder().build(in: folder)
            let manifest = try PluginManifest.read(folder: path)
            let library = "\(path)/\(manifest.libraries[0].path)"
            try PluginBuilder.run("chmod", ["000", library])
            #expect(
                try withoutSuperuser { refusal { _ = try PluginLibrary.verify(manifest) } }
                    == "\(library): no permission to read it; wanted a regular file that can be "
                    + "read. Build or install the plugin again, manifest and library together. "
                    + "[library.read]")
        }
    }

    @Test("another architecture is named by its name")
    func architecture() throws {
        try withPluginFolder { folder in
            let path = try PluginBuilder().build(in: folder)
            let manifest = try PluginManifest.read(folder: path)
            var host = HostPlatform.current
            host.architecture = "riscv64"
            var foreign = manifest
            foreign.libraries[0].architecture = "riscv64"
            #expect(
                refusal { _ = try PluginLibrary.verify(foreign, host: host) }.hasSuffix(
                    ": a library for \(PluginBuilder.architecture); wanted one for riscv64. Build "
                        + "the library for this processor, and its manifest. "
                        + "[library.architecture]"))
        }
    }
}

@Suite struct LibraryFormatTests {
    private func sample(_ arguments: [String] = []) throws -> [UInt8] {
        try withPluginFolder { folder in
            var builder = PluginBuilder()
            builder.arguments = arguments
            let path = try builder.build(in: folder)
            return Array(
                try Data(contentsOf: URL(fileURLWithPath: "\(path)/\(builder.libraryPath)")))
        }
    }

    /// What the host asks of a file.
    private func isAccepted(_ bytes: [UInt8]) -> Bool {
        guard let elf = try? ELFReader(bytes), let dynamic = elf.dynamic else { return false }
        return !dynamic.isExecutable && elf.exportsFunction("reflux_plugin_entry_v1", dynamic)
    }

    @Test("every shorter prefix of a library is refused")
    func truncation() throws {
        let bytes = try sample()
        #expect(isAccepted(bytes))
        for length in 0..<bytes.count where isAccepted(Array(bytes[..<length])) {
            Issue.record("accepted with \(length) of \(bytes.count) bytes")
        }
    }

    @Test(
        "no bytes trap the reader",
        arguments: [["-Wl,--hash-style=gnu"], ["-Wl,--hash-style=sysv"]])
    func mutations(arguments: [String]) throws {
        let sound = try sample(arguments)
        let elf = try ELFReader(sound)
        // Half of the changes go where the reader looks: header, dynamic section, hash tables.
        var places = Array(0..<64 + 56 * elf.segments.count)
        for segment in elf.segments where segment.type == 2 {
            places += Array(Int(segment.offset)..<Int(segment.offset + segment.fileSize))
        }
        for tag in [4, 5, 6, 0x6FFF_FEF5] as [UInt64] {
            guard let offset = elf.dynamic?.values[tag].flatMap(elf.offset(ofAddress:)) else {
                continue
            }
            places += Array(Int(offset)..<Int(offset) + 64)
        }
        let odd: [UInt8] = [0, 1, 0x7F, 0x80, 0xFF]
        var random = SeededNumbers(seed: 42)
        var refused = 0
        for _ in 0..<4_000 {
            var bytes = sound
            for _ in 0...random.below(8) {
                let place =
                    random.below(2) == 0
                    ? places[random.below(places.count)] : random.below(bytes.count)
                bytes[place] =
                    random.below(2) == 0 ? odd[random.below(odd.count)] : UInt8(random.below(256))
            }
            if random.below(8) == 0 { bytes.removeLast(random.below(bytes.count)) }
            if !isAccepted(bytes) { refused += 1 }
        }
        #expect(refused > 1_000 && refused < 4_000)
    }

    @Test("finds exactly the functions that nm finds", arguments: ["libz.so.1", "libjansson.so.4"])
    func againstBinutils(library: String) throws {
        let folder = "/usr/lib/\(PluginBuilder.architecture)-linux-gnu"
        let path = "\(folder)/\(library)"
        let listing = try output("nm", ["-D", "--defined-only", path])
        var functions: [String] = []
        var others: [String] = []
        for line in listing.split(separator: "\n") {
            let fields = line.split(separator: " ")
            guard fields.count == 3 else { continue }
            let name = String(fields[2].split(separator: "@")[0])
            if ["T", "W", "i"].contains(fields[1]) {
                functions.append(name)
            } else {
                others.append(name)
            }
        }
        #expect(functions.count > 30)
        let elf = try ELFReader(Array(try Data(contentsOf: URL(fileURLWithPath: path))))
        let dynamic = try #require(elf.dynamic)
        #expect(functions.filter { !elf.exportsFunction($0, dynamic) } == [])
        #expect(others.filter { elf.exportsFunction($0, dynamic) } == [])
        // Used there, but not defined there.
        #expect(!elf.exportsFunction("malloc", dynamic))
        #expect(!elf.exportsFunction("", dynamic))
    }

    private func output(_ program: String, _ arguments: [String]) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [program] + arguments
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let data = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return String(decoding: data, as: UTF8.self)
    }
}
