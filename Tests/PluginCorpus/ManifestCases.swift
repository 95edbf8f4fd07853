import Foundation
import RefluxPluginHost

/// Plugins whose manifest is refused. The library beside it is sound, and is never looked at.
let manifestCases: [CorpusCase] =
    fileCases + textCases + manifestFieldCases + manifestExtensionCases + manifestSchemaCases

/// What stands at the path of the manifest.
private let fileCases: [CorpusCase] = [
    manifestSpoiled(
        "absent", .manifestRead,
        """
        $PLUGIN/plugin.json: there is no such file; wanted a regular file in the \
        plugin's folder that can be read. Check the path; a plugin is a folder with a \
        plugin.json. [manifest.read]
        """
    ) { try discard("\($0)/plugin.json") },
    manifestSpoiled(
        "folder", .manifestRead,
        """
        $PLUGIN/plugin.json: it is a folder; wanted a regular file in the plugin's \
        folder that can be read. Put the manifest itself there. [manifest.read]
        """
    ) {
        try discard("\($0)/plugin.json")
        try PluginBuilder.run("mkdir", ["\($0)/plugin.json"])
    },
    manifestSpoiled(
        "named-pipe", .manifestRead,
        """
        $PLUGIN/plugin.json: it is a named pipe; wanted a regular file in the plugin's \
        folder that can be read. Put the manifest itself there. [manifest.read]
        """
    ) {
        try discard("\($0)/plugin.json")
        try PluginBuilder.run("mkfifo", ["\($0)/plugin.json"])
    },
    manifestSpoiled(
        "link-to-outside", .manifestRead,
        """
        $PLUGIN/plugin.json: a symbolic link that leads to "*/outside.json"; wanted a \
        regular file in the plugin's folder that can be read. Put the manifest itself \
        there. [manifest.read]
        """
    ) {
        try PluginBuilder.run("mv", ["\($0)/plugin.json", "\($0)/../outside.json"])
        try PluginBuilder.run("ln", ["-s", "../outside.json", "\($0)/plugin.json"])
    },
    manifestSpoiled(
        "link-to-device", .manifestRead,
        """
        $PLUGIN/plugin.json: a symbolic link that leads to "/dev/zero"; wanted a \
        regular file in the plugin's folder that can be read. Put the manifest itself \
        there. [manifest.read]
        """
    ) {
        try PluginBuilder.run("ln", ["-sf", "/dev/zero", "\($0)/plugin.json"])
    },
    manifestSpoiled(
        "link-in-a-circle", .manifestRead,
        """
        $PLUGIN/plugin.json: its symbolic links lead in a circle; wanted a regular file \
        in the plugin's folder that can be read. Put the manifest itself there. \
        [manifest.read]
        """
    ) {
        try PluginBuilder.run("ln", ["-sf", "plugin.json", "\($0)/plugin.json"])
    },
    manifestSpoiled(
        "link-to-nothing", .manifestRead,
        """
        $PLUGIN/plugin.json: there is no such file; wanted a regular file in the \
        plugin's folder that can be read. Check the path; a plugin is a folder with a \
        plugin.json. [manifest.read]
        """
    ) {
        try PluginBuilder.run("ln", ["-sf", "other.json", "\($0)/plugin.json"])
    },
    CorpusCase(
        "manifest/no-plugin-folder", stage: .manifest, check: .manifestRead,
        message: """
            $PLUGIN: there is no such folder; wanted the folder of a plugin. Check the \
            path. [manifest.read]
            """,
        make: { "\($0)/sample" }),
    CorpusCase(
        "manifest/file-as-plugin-folder", stage: .manifest, check: .manifestRead,
        message: """
            $PLUGIN: it is a file; wanted the folder of a plugin. Check the path. \
            [manifest.read]
            """,
        make: { folder in
            let plugin = try PluginBuilder().build(in: folder)
            return "\(plugin)/plugin.json"
        }),
    CorpusCase(
        "manifest/folder-of-another-name", stage: .manifest, check: .manifestFolder,
        message: """
            $PLUGIN/plugin.json:7: id: the text "sample"; wanted the name of the folder, \
            "other". Rename the folder to "sample". [manifest.folder]
            """,
        make: { folder in
            let plugin = try PluginBuilder().build(in: folder)
            try PluginBuilder.run("mv", [plugin, "\(folder)/other"])
            return "\(folder)/other"
        }),
    CorpusCase(
        "manifest/link-of-another-name", stage: .manifest, check: nil, message: "",
        make: { folder in
            let plugin = try PluginBuilder().build(in: folder)
            try PluginBuilder.run("ln", ["-s", plugin, "\(folder)/other"])
            return "\(folder)/other"
        }),
]

/// The bytes of the manifest.
private let textCases: [CorpusCase] = [
    manifestBytes(
        "empty", .manifestText,
        """
        $PLUGIN/plugin.json: it is empty; wanted one JSON object. Write or generate it \
        again. [manifest.text]
        """
    ) { _ in Data() },
    manifestBytes(
        "blank", .manifestJSON,
        """
        $PLUGIN/plugin.json:3:1: it is not valid JSON: '[' or '{' expected near end of \
        file; wanted one JSON object. Correct the text at that place. [manifest.json]
        """
    ) { _ in Data(" \n\n".utf8) },
    manifestBytes(
        "byte-order-mark", .manifestText,
        """
        $PLUGIN/plugin.json:1:1: a byte order mark; wanted UTF-8 text without one. Save \
        the file as UTF-8 without it. [manifest.text]
        """
    ) { Data([0xEF, 0xBB, 0xBF]) + $0 },
    manifestBytes(
        "not-utf8", .manifestText,
        """
        $PLUGIN/plugin.json:19:13: bytes that are not UTF-8; wanted UTF-8 text without \
        NUL. Save the file as UTF-8. [manifest.text]
        """
    ) { $0.replacing("\"Sample\"", with: [0x22, 0xE9, 0x22]) },
    manifestBytes(
        "utf16", .manifestText,
        """
        $PLUGIN/plugin.json:1:1: bytes that are not UTF-8; wanted UTF-8 text without \
        NUL. Save the file as UTF-8. [manifest.text]
        """
    ) { Data([0xFF, 0xFE]) + $0 },
    manifestBytes(
        "nul", .manifestText,
        """
        $PLUGIN/plugin.json:19:14: a NUL byte; wanted UTF-8 text without NUL. Save the \
        file as UTF-8. [manifest.text]
        """
    ) { $0.replacing("Sample", with: [0x41, 0x00]) },
    manifestBytes(
        "nul-escape", .manifestJSON,
        #"""
        $PLUGIN/plugin.json:19:20: it is not valid JSON: \u0000 is not allowed near \#
        '"A\u0000"'; wanted one JSON object. Correct the text at that place. \#
        [manifest.json]
        """#
    ) { $0.replacing("Sample", with: #"A\u0000"#) },
    manifestBytes(
        "lone-surrogate", .manifestJSON,
        #"""
        $PLUGIN/plugin.json:19:19: it is not valid JSON: invalid Unicode '\uD800' near \#
        '"\ud800"'; wanted one JSON object. Correct the text at that place. \#
        [manifest.json]
        """#
    ) { $0.replacing("Sample", with: #"\ud800"#) },
    manifestBytes(
        "too-large", .manifestSize,
        """
        $PLUGIN/plugin.json: more than 1048576 bytes; wanted at most 1048576 bytes. \
        Leave out what does not belong there. [manifest.size]
        """
    ) { $0 + Data(repeating: 0x20, count: 1 << 20) },
    manifestBytes(
        "too-deep", .manifestDepth,
        """
        $PLUGIN/plugin.json:2:32: objects and lists nested deeper than 32; wanted at \
        most 32 levels. Make it flatter. [manifest.depth]
        """
    ) { _ in
        Data(("{\"x-deep\":\n" + String(repeating: "[", count: 1_000_000)).utf8)
    },
    manifestBytes(
        "truncated", .manifestJSON,
        """
        $PLUGIN/plugin.json:21:5: it is not valid JSON: string or '}' expected near end \
        of file; wanted one JSON object. Correct the text at that place. [manifest.json]
        """
    ) { $0.prefix($0.count / 2) },
    manifestBytes(
        "trailing-text", .manifestJSON,
        """
        $PLUGIN/plugin.json:43:1: it is not valid JSON: end of file expected near '}'; \
        wanted one JSON object. Correct the text at that place. [manifest.json]
        """
    ) { $0 + Data("\n}".utf8) },
    manifestBytes(
        "trailing-comma", .manifestJSON,
        """
        $PLUGIN/plugin.json:40:3: it is not valid JSON: string or '}' expected near \
        '}'; wanted one JSON object. Correct the text at that place. [manifest.json]
        """
    ) { $0.replacing("\"cc\"", with: "\"cc\",") },
    manifestBytes(
        "comment", .manifestJSON,
        """
        $PLUGIN/plugin.json:1:1: it is not valid JSON: '[' or '{' expected near '/'; \
        wanted one JSON object. Correct the text at that place. [manifest.json]
        """
    ) { Data("// a comment\n".utf8) + $0 },
    manifestBytes(
        "single-quotes", .manifestJSON,
        """
        $PLUGIN/plugin.json:39:19: it is not valid JSON: invalid token near '''; wanted \
        one JSON object. Correct the text at that place. [manifest.json]
        """
    ) { $0.replacing("\"cc\"", with: "'cc'") },
    manifestBytes(
        "not-a-number", .manifestJSON,
        """
        $PLUGIN/plugin.json:30:27: it is not valid JSON: invalid token near 'NaN'; \
        wanted one JSON object. Correct the text at that place. [manifest.json]
        """
    ) { $0.replacing("true", with: "NaN") },
    manifestBytes(
        "too-large-a-number", .manifestJSON,
        """
        $PLUGIN/plugin.json:30:29: it is not valid JSON: real number overflow near \
        '1e999'; wanted one JSON object. Correct the text at that place. [manifest.json]
        """
    ) { $0.replacing("true", with: "1e999") },
    manifestBytes(
        "too-large-an-integer", .manifestJSON,
        """
        $PLUGIN/plugin.json:30:44: it is not valid JSON: too big integer near \
        '99999999999999999999'; wanted one JSON object. Correct the text at that place. \
        [manifest.json]
        """
    ) {
        $0.replacing("true", with: "99999999999999999999")
    },
    manifestBytes(
        "text-and-no-json", .manifestJSON,
        """
        $PLUGIN/plugin.json:1:2: it is not valid JSON: '[' or '{' expected near 'id'; \
        wanted one JSON object. Correct the text at that place. [manifest.json]
        """
    ) { _ in Data("id: sample\n".utf8) },
    manifestBytes(
        "terminal-escape", .manifestJSON,
        #"""
        $PLUGIN/plugin.json:1:7: it is not valid JSON: invalid token near '\u{1b}'; \#
        wanted one JSON object. Correct the text at that place. [manifest.json]
        """#
    ) { _ in Data("{\"a\": \u{1B}[2J".utf8) },
    manifestBytes(
        "list", .manifestJSON,
        """
        $PLUGIN/plugin.json:1: a list; wanted one JSON object. Correct it, or generate \
        it again: reflux plugin manifest LIBRARY --output plugin.json. [manifest.json]
        """
    ) { Data("[".utf8) + $0 + Data("]".utf8) },
    manifestBytes(
        "duplicate-key", .manifestDuplicateKey,
        """
        $PLUGIN/plugin.json:8:6: a second key "id"; wanted every key once. Remove one \
        of the two. [manifest.duplicate-key]
        """
    ) {
        $0.replacing("{\n", with: "{\n  \"id\" : \"other\",\n")
    },
    manifestBytes(
        "duplicate-key-within", .manifestDuplicateKey,
        """
        $PLUGIN/plugin.json:4:11: a second key "major"; wanted every key once. Remove \
        one of the two. [manifest.duplicate-key]
        """
    ) {
        $0.replacing("\"major\"", with: "\"major\" : 2,\n    \"major\"")
    },
]
