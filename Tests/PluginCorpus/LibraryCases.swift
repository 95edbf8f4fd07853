import Foundation
import RefluxPluginHost

/// Plugins whose library is refused before any of its code runs. The manifest is sound and, where
/// it can be, of the same bytes as the library.
let libraryCases: [CorpusCase] =
    pathCases + permissionCases + contentCases + formatCases + entryCases

/// Where the library is said to be, and what stands there.
private let pathCases: [CorpusCase] = [
    listed(
        "parent", .libraryPath,
        """
        $PLUGIN/plugin.json: libraries[0].path: the path "../sample/lib/sample.so"; \
        wanted a path in the plugin's folder, without "..". Move the library into the \
        folder. [library.path]
        """
    ) { $0["path"] = "../sample/lib/sample.so" },
    listed(
        "inner-parent", .libraryPath,
        """
        $PLUGIN/plugin.json: libraries[0].path: the path "lib/../lib/sample.so"; wanted \
        a path in the plugin's folder, without "..". Move the library into the folder. \
        [library.path]
        """
    ) { $0["path"] = "lib/../lib/sample.so" },
    listed(
        "absolute", .libraryPath,
        """
        $PLUGIN/plugin.json: libraries[0].path: the path "/usr/lib/libc.so.6"; wanted a \
        path in the plugin's folder, without "..". Move the library into the folder. \
        [library.path]
        """
    ) { $0["path"] = "/usr/lib/libc.so.6" },
    spoiled(
        "link-to-outside", .libraryPath,
        """
        $PLUGIN/plugin.json: libraries[0].path: "lib/linux-*/sample.so", a symbolic \
        link that leads to "*/outside.so"; wanted a path in the plugin's folder. Copy \
        the library into the folder. [library.path]
        """
    ) {
        try PluginBuilder.run("mv", [$0, "\($1)/../outside.so"])
        try PluginBuilder.run("ln", ["-s", "\($1)/../outside.so", $0])
    },
    spoiled(
        "folder-link-to-outside", .libraryPath,
        """
        $PLUGIN/plugin.json: libraries[0].path: "lib/linux-*/sample.so", a symbolic \
        link that leads to "*/lib/linux-*/sample.so"; wanted a path in the plugin's \
        folder. Copy the library into the folder. [library.path]
        """
    ) {
        try PluginBuilder.run("mv", ["\($1)/lib", "\($1)/../lib"])
        try PluginBuilder.run("ln", ["-s", "../lib", "\($1)/lib"])
    },
    spoiled(
        "link-to-sibling-of-like-name", .libraryPath,
        """
        $PLUGIN/plugin.json: libraries[0].path: "lib/linux-*/sample.so", a symbolic \
        link that leads to "$PLUGIN-2/sample.so"; wanted a path in the plugin's folder. \
        Copy the library into the folder. [library.path]
        """
    ) {
        try PluginBuilder.run("mkdir", ["\($1)-2"])
        try PluginBuilder.run("mv", [$0, "\($1)-2/sample.so"])
        try PluginBuilder.run("ln", ["-s", "\($1)-2/sample.so", $0])
    },
    spoiled(
        "link-to-device", .libraryPath,
        """
        $PLUGIN/plugin.json: libraries[0].path: "lib/linux-*/sample.so", a symbolic \
        link that leads to "/dev/zero"; wanted a path in the plugin's folder. Copy the \
        library into the folder. [library.path]
        """
    ) { library, _ in
        try PluginBuilder.run("ln", ["-sf", "/dev/zero", library])
    },
    spoiled(
        "link-in-a-circle", .libraryRead,
        """
        $PLUGIN/lib/linux-*/sample.so: its symbolic links lead in a circle; wanted a \
        regular file that can be read. Build or install the plugin again, manifest and \
        library together. [library.read]
        """
    ) { library, _ in
        try discard(library)
        try PluginBuilder.run("ln", ["-s", library, library])
    },
    spoiled(
        "link-to-nothing", .libraryRead,
        """
        $PLUGIN/lib/linux-*/sample.so: there is no such file; wanted a regular file \
        that can be read. Build or install the plugin again, manifest and library \
        together. [library.read]
        """
    ) { library, _ in
        try PluginBuilder.run("ln", ["-sf", "nothing.so", library])
    },
    spoiled(
        "absent", .libraryRead,
        """
        $PLUGIN/lib/linux-*/sample.so: there is no such file; wanted a regular file \
        that can be read. Build or install the plugin again, manifest and library \
        together. [library.read]
        """
    ) { library, _ in try discard(library) },
    spoiled(
        "folder", .libraryRead,
        """
        $PLUGIN/lib/linux-*/sample.so: it is a folder; wanted a regular file that can \
        be read. Build or install the plugin again, manifest and library together. \
        [library.read]
        """
    ) { library, _ in
        try discard(library)
        try PluginBuilder.run("mkdir", [library])
    },
    spoiled(
        "named-pipe", .libraryRead,
        """
        $PLUGIN/lib/linux-*/sample.so: it is a named pipe; wanted a regular file that \
        can be read. Build or install the plugin again, manifest and library together. \
        [library.read]
        """
    ) { library, _ in
        try discard(library)
        try PluginBuilder.run("mkfifo", [library])
    },
    spoiled(
        "socket", .libraryRead,
        """
        $PLUGIN/lib/linux-*/sample.so: it is a socket; wanted a regular file that can \
        be read. Build or install the plugin again, manifest and library together. \
        [library.read]
        """
    ) { library, _ in
        try discard(library)
        // The path of a socket has at most 107 bytes, so that it is made where it is called.
        try PluginBuilder.run(
            "python3",
            ["-c", socketScript, (library as NSString).deletingLastPathComponent])
    },
    listed(
        "file-as-folder", .libraryRead,
        """
        $PLUGIN/plugin.json/sample.so: a part of the path is a file; wanted a regular \
        file that can be read. Build or install the plugin again, manifest and library \
        together. [library.read]
        """
    ) { $0["path"] = "plugin.json/sample.so" },
    CorpusCase(
        "library/link-inside", stage: .library, check: nil, message: "",
        make: { folder in
            var plugin = PluginBuilder()
            plugin.hasCanary = false
            let path = try plugin.build(in: folder)
            let library = "\(path)/\(plugin.libraryPath)"
            try PluginBuilder.run("mv", [library, "\(library).1"])
            try PluginBuilder.run("ln", ["-s", "sample.so.1", library])
            return path
        }),
]

private let socketScript =
    "import os,socket,sys; os.chdir(sys.argv[1]); "
    + "socket.socket(socket.AF_UNIX).bind('sample.so')"

/// Who may write the library.
private let permissionCases: [CorpusCase] = [
    spoiled(
        "everybody-writes", .libraryPermissions,
        """
        $PLUGIN/lib/linux-*/sample.so: a file that everybody may write; wanted a \
        library that only its owner can replace. Take the right away: chmod o-w \
        $PLUGIN/lib/linux-*/sample.so [library.permissions]
        """
    ) { library, _ in
        try PluginBuilder.run("chmod", ["o+w", library])
    },
    spoiled(
        "everybody-writes-its-folder", .libraryPermissions,
        """
        $PLUGIN/lib: a folder that everybody may write; wanted a library that only its \
        owner can replace. Take the right away: chmod o-w $PLUGIN/lib \
        [library.permissions]
        """
    ) { _, plugin in
        try PluginBuilder.run("chmod", ["o+w", "\(plugin)/lib"])
    },
    spoiled(
        "everybody-writes-the-plugin", .libraryPermissions,
        """
        $PLUGIN: a folder that everybody may write; wanted a library that only its \
        owner can replace. Take the right away: chmod o-w $PLUGIN [library.permissions]
        """
    ) { _, plugin in
        try PluginBuilder.run("chmod", ["o+w", plugin])
    },
]

/// Whether the bytes are those of the manifest.
private let contentCases: [CorpusCase] = [
    spoiled(
        "emptied", .librarySize,
        """
        $PLUGIN/lib/linux-*/sample.so: an empty file; wanted the manifest's size, * \
        bytes. Build or install the plugin again, manifest and library together. \
        [library.size]
        """
    ) { library, _ in
        try Data().write(to: URL(fileURLWithPath: library))
    },
    spoiled(
        "cut", .librarySize,
        """
        $PLUGIN/lib/linux-*/sample.so: 1000 bytes; wanted the manifest's size, * bytes. \
        Build or install the plugin again, manifest and library together. [library.size]
        """
    ) { library, _ in
        let file = URL(fileURLWithPath: library)
        try Data(contentsOf: file).prefix(1_000).write(to: file)
    },
    spoiled(
        "grown", .librarySize,
        """
        $PLUGIN/lib/linux-*/sample.so: * bytes; wanted the manifest's size, * bytes. \
        Build or install the plugin again, manifest and library together. [library.size]
        """
    ) { library, _ in
        let file = URL(fileURLWithPath: library)
        try (Data(contentsOf: file) + Data(count: 9)).write(to: file)
    },
    spoiled(
        "one-bit", .libraryHash,
        """
        $PLUGIN/lib/linux-*/sample.so: SHA-256 *; wanted the manifest's, *. Build or \
        install the plugin again, manifest and library together. [library.hash]
        """
    ) { library, _ in
        let file = URL(fileURLWithPath: library)
        var bytes = try Data(contentsOf: file)
        bytes[bytes.count / 2] ^= 1
        try bytes.write(to: file)
    },
    listed(
        "hash-of-another", .libraryHash,
        """
        $PLUGIN/lib/linux-*/sample.so: SHA-256 *; wanted the manifest's, \
        0000000000000000000000000000000000000000000000000000000000000000. Build or \
        install the plugin again, manifest and library together. [library.hash]
        """
    ) {
        $0["sha256"] = String(repeating: "0", count: 64)
    },
    CorpusCase(
        "library/too-large", stage: .library, check: .librarySize,
        message: """
            $PLUGIN/lib/linux-*/sample.so: 1073741825 bytes; wanted at most 1073741824 \
            bytes. Keep data in files of its own. [library.size]
            """,
        make: { folder in
            var plugin = PluginBuilder()
            plugin.manifest = { values in
                first(of: &values) { $0["size"] = (1 << 30) + 1 }
            }
            let path = try plugin.build(in: folder)
            try PluginBuilder.run(
                "truncate", ["-s", "\((1 << 30) + 1)", "\(path)/\(plugin.libraryPath)"])
            return path
        }),
]

/// What the bytes are; the manifest has their hash.
private let formatCases: [CorpusCase] = [
    made(
        "text", .libraryELF,
        """
        $PLUGIN/lib/linux-*/sample.so: a file that does not begin as ELF files do; \
        wanted a whole 64-bit ELF shared library. Build it with -shared -fPIC, and its \
        manifest again. [library.elf]
        """
    ) { $0 = Data("INPUT(-lm)\n".utf8) },
    made(
        "script", .libraryELF,
        """
        $PLUGIN/lib/linux-*/sample.so: a file that does not begin as ELF files do; \
        wanted a whole 64-bit ELF shared library. Build it with -shared -fPIC, and its \
        manifest again. [library.elf]
        """
    ) { $0 = Data("#!/bin/sh\nexit 0\n".utf8) },
    made(
        "one-byte", .libraryELF,
        """
        $PLUGIN/lib/linux-*/sample.so: a file that does not begin as ELF files do; \
        wanted a whole 64-bit ELF shared library. Build it with -shared -fPIC, and its \
        manifest again. [library.elf]
        """
    ) { $0 = Data([0x7F]) },
    made(
        "magic-alone", .libraryELF,
        """
        $PLUGIN/lib/linux-*/sample.so: a truncated file; wanted a whole 64-bit ELF \
        shared library. Build it with -shared -fPIC, and its manifest again. \
        [library.elf]
        """
    ) { $0 = $0.prefix(4) },
    made(
        "cut-in-header", .libraryELF,
        """
        $PLUGIN/lib/linux-*/sample.so: a truncated file; wanted a whole 64-bit ELF \
        shared library. Build it with -shared -fPIC, and its manifest again. \
        [library.elf]
        """
    ) { $0 = $0.prefix(63) },
    made(
        "cut-in-program-headers", .libraryELF,
        """
        $PLUGIN/lib/linux-*/sample.so: a truncated file; wanted a whole 64-bit ELF \
        shared library. Build it with -shared -fPIC, and its manifest again. \
        [library.elf]
        """
    ) { $0 = $0.prefix(100) },
    made(
        "cut-in-code", .libraryELF,
        """
        $PLUGIN/lib/linux-*/sample.so: a truncated file; wanted a whole 64-bit ELF \
        shared library. Build it with -shared -fPIC, and its manifest again. \
        [library.elf]
        """
    ) { $0 = $0.prefix(0x1010) },
    made(
        "cut-in-data", .libraryELF,
        """
        $PLUGIN/lib/linux-*/sample.so: a truncated file; wanted a whole 64-bit ELF \
        shared library. Build it with -shared -fPIC, and its manifest again. \
        [library.elf]
        """
    ) { $0 = $0.prefix($0.count * 3 / 4) },
    made(
        "cut-at-the-end", .libraryELF,
        """
        $PLUGIN/lib/linux-*/sample.so: a truncated file; wanted a whole 64-bit ELF \
        shared library. Build it with -shared -fPIC, and its manifest again. \
        [library.elf]
        """
    ) { $0.removeLast() },
    made(
        "of-32-bits", .libraryELF,
        """
        $PLUGIN/lib/linux-*/sample.so: a 32-bit ELF file; wanted a whole 64-bit ELF \
        shared library. Build it with -shared -fPIC, and its manifest again. \
        [library.elf]
        """
    ) { $0[4] = 1 },
    made(
        "big-endian", .libraryELF,
        """
        $PLUGIN/lib/linux-*/sample.so: a big-endian ELF file; wanted a whole 64-bit ELF \
        shared library. Build it with -shared -fPIC, and its manifest again. \
        [library.elf]
        """
    ) { $0[5] = 2 },
    made(
        "unknown-format-version", .libraryELF,
        """
        $PLUGIN/lib/linux-*/sample.so: an ELF file of an unknown version; wanted a \
        whole 64-bit ELF shared library. Build it with -shared -fPIC, and its manifest \
        again. [library.elf]
        """
    ) { $0[6] = 2 },
    made(
        "core-dump", .libraryELF,
        """
        $PLUGIN/lib/linux-*/sample.so: an ELF file that is no shared library; wanted a \
        whole 64-bit ELF shared library. Build it with -shared -fPIC, and its manifest \
        again. [library.elf]
        """
    ) { $0[16] = 4 },
    made(
        "executable", .libraryELF,
        """
        $PLUGIN/lib/linux-*/sample.so: an executable; wanted a whole 64-bit ELF shared \
        library. Build it with -shared -fPIC, and its manifest again. [library.elf]
        """
    ) { $0[16] = 2 },
    made(
        "without-program-headers", .libraryELF,
        """
        $PLUGIN/lib/linux-*/sample.so: an ELF file without program headers; wanted a \
        whole 64-bit ELF shared library. Build it with -shared -fPIC, and its manifest \
        again. [library.elf]
        """
    ) { $0[56] = 0 },
    made(
        "program-headers-far-away", .libraryELF,
        """
        $PLUGIN/lib/linux-*/sample.so: a truncated file; wanted a whole 64-bit ELF \
        shared library. Build it with -shared -fPIC, and its manifest again. \
        [library.elf]
        """
    ) { $0[39] = 0xFF },
    made(
        "segment-far-away", .libraryELF,
        """
        $PLUGIN/lib/linux-*/sample.so: a truncated file; wanted a whole 64-bit ELF \
        shared library. Build it with -shared -fPIC, and its manifest again. \
        [library.elf]
        """
    ) { $0[64 + 8 + 7] = 0xFF },
    made(
        "segment-larger-than-its-memory", .libraryELF,
        """
        $PLUGIN/lib/linux-*/sample.so: an ELF file with impossible segments; wanted a \
        whole 64-bit ELF shared library. Build it with -shared -fPIC, and its manifest \
        again. [library.elf]
        """
    ) { bytes in
        guard let load = segment(1, in: bytes) else { return }
        bytes.replaceSubrange(load + 40..<load + 48, with: Data(count: 8))
    },
    made(
        "sections-far-away", .libraryELF,
        """
        $PLUGIN/lib/linux-*/sample.so: a truncated file; wanted a whole 64-bit ELF \
        shared library. Build it with -shared -fPIC, and its manifest again. \
        [library.elf]
        """
    ) { $0[44] = 0xFF },
    made(
        "without-dynamic-section", .libraryELF,
        """
        $PLUGIN/lib/linux-*/sample.so: an ELF file without a dynamic section; wanted a \
        whole 64-bit ELF shared library. Build it with -shared -fPIC, and its manifest \
        again. [library.elf]
        """
    ) { bytes in
        guard let dynamic = segment(2, in: bytes) else { return }
        bytes[dynamic] = 0
    },
    compiled(
        "position-independent-executable", .libraryELF,
        """
        $PLUGIN/lib/linux-*/sample.so: an executable; wanted a whole 64-bit ELF shared \
        library. Build it with -shared -fPIC, and its manifest again. [library.elf]
        """, ["-Wl,-pie"]),
    compiled(
        "object-file", .libraryELF,
        """
        $PLUGIN/lib/linux-*/sample.so: an object file; wanted a whole 64-bit ELF shared \
        library. Build it with -shared -fPIC, and its manifest again. [library.elf]
        """, ["-c"]),
    made(
        "other-processor", .libraryArchitecture,
        """
        $PLUGIN/lib/linux-*/sample.so: a library for riscv64; wanted one for \
        \(PluginBuilder.architecture). Build the library for this processor, and its \
        manifest. [library.architecture]
        """
    ) { $0[18] = 243 },
    made(
        "unknown-processor", .libraryArchitecture,
        """
        $PLUGIN/lib/linux-*/sample.so: a library for processor number 513; wanted one \
        for \(PluginBuilder.architecture). Build the library for this processor, and \
        its manifest. [library.architecture]
        """
    ) { $0.replaceSubrange(18..<20, with: [1, 2]) },
]

/// The entry function.
private let entryCases: [CorpusCase] = [
    entry("no-entry", ""),
    entry(
        "hidden-entry",
        """
        __attribute__((visibility("hidden"))) int reflux_plugin_entry_v1(void) { return 0; }
        int (*keep)(void) = reflux_plugin_entry_v1;
        """),
    entry(
        "static-entry",
        """
        static int reflux_plugin_entry_v1(void) { return 0; }
        int (*keep)(void) = reflux_plugin_entry_v1;
        """),
    entry("entry-that-is-data", "const int reflux_plugin_entry_v1 = 0;"),
    entry(
        "undefined-entry",
        """
        int reflux_plugin_entry_v1(void);
        int user(void) { return reflux_plugin_entry_v1(); }
        """),
    entry("entry-of-another-major", "int reflux_plugin_entry_v2(void) { return 0; }"),
    entry("entry-with-a-mangled-name", "int _Z22reflux_plugin_entry_v1v(void) { return 0; }"),
    entry("entry-by-system-v-hash", "int other(void) { return 0; }", ["-Wl,--hash-style=sysv"]),
]

// MARK: - How they are made

/// A sound plugin whose files are changed afterwards.
private func spoiled(
    _ name: String, _ check: PluginCheck, _ message: String,
    _ spoil: @escaping @Sendable (_ library: String, _ plugin: String) throws -> Void
) -> CorpusCase {
    CorpusCase(
        "library/\(name)", stage: .library, check: check, message: message,
        make: { folder in
            let plugin = PluginBuilder()
            let path = try plugin.build(in: folder)
            try spoil("\(path)/\(plugin.libraryPath)", path)
            return path
        })
}

/// A sound plugin whose library is listed with other values.
private func listed(
    _ name: String, _ check: PluginCheck, _ message: String,
    _ change: @escaping @Sendable (inout [String: Any]) -> Void
) -> CorpusCase {
    CorpusCase(
        "library/\(name)", stage: .library, check: check, message: message,
        make: { folder in
            var plugin = PluginBuilder()
            plugin.manifest = { first(of: &$0, change) }
            return try plugin.build(in: folder)
        })
}

/// A plugin whose library has other bytes than the compiler wrote.
private func made(
    _ name: String, _ check: PluginCheck, _ message: String,
    _ change: @escaping @Sendable (inout Data) -> Void
) -> CorpusCase {
    CorpusCase(
        "library/\(name)", stage: .library, check: check, message: message,
        make: { folder in
            var plugin = PluginBuilder()
            plugin.library = change
            return try plugin.build(in: folder)
        })
}

/// A plugin that is compiled in another way.
private func compiled(
    _ name: String, _ check: PluginCheck, _ message: String, _ arguments: [String]
) -> CorpusCase {
    CorpusCase(
        "library/\(name)", stage: .library, check: check, message: message,
        make: { folder in
            var plugin = PluginBuilder()
            plugin.arguments = arguments
            return try plugin.build(in: folder)
        })
}

/// A library with a constructor that writes the canary, and with the given code instead of the
/// entry.
private func entry(_ name: String, _ code: String, _ arguments: [String] = []) -> CorpusCase {
    CorpusCase(
        "library/\(name)", stage: .library, check: .libraryEntry,
        message: """
            $PLUGIN/lib/linux-*/sample.so: a library that does not export \
            reflux_plugin_entry_v1; wanted that function, visible to the host. Define it, \
            and declare it with REFLUX_EXPORT. [library.entry]
            """,
        make: { folder in
            var plugin = PluginBuilder()
            plugin.source = """
                #include <stdio.h>
                __attribute__((constructor)) static void sing(void) {
                    FILE *file = fopen(CANARY, "w");
                    if (file != NULL) fclose(file);
                }
                \(code)

                """
            plugin.arguments = arguments
            return try plugin.build(in: folder)
        })
}

/// Changes the first library of a manifest.
private func first(
    of values: inout [String: Any], _ change: (inout [String: Any]) -> Void
) {
    var libraries = values["libraries"] as? [[String: Any]] ?? []
    guard !libraries.isEmpty else { return }
    change(&libraries[0])
    values["libraries"] = libraries
}

/// Where the first program header of a type stands in an ELF file.
private func segment(_ type: UInt8, in bytes: Data) -> Int? {
    (0..<Int(bytes[56])).map { 64 + 56 * $0 }.first { bytes[$0] == type && bytes[$0 + 3] == 0 }
}
