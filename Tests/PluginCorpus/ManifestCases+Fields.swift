import Foundation
import RefluxPluginHost

/// The fields of the plugin.
let manifestFieldCases: [CorpusCase] = [
    manifestField(
        "version-missing", .manifestField,
        """
        $PLUGIN/plugin.json:1: manifest_version: the field is missing; wanted a whole \
        number of at least 1. Correct it, or generate it again: reflux plugin manifest \
        LIBRARY --output plugin.json. [manifest.field]
        """
    ) { $0["manifest_version"] = nil },
    manifestField(
        "version-newer", .manifestVersion,
        """
        $PLUGIN/plugin.json:18: manifest_version: the number 2; wanted 1. The plugin is \
        newer than this reflux: install a newer reflux. [manifest.version]
        """
    ) { $0["manifest_version"] = 2 },
    manifestField(
        "version-zero", .manifestField,
        """
        $PLUGIN/plugin.json:18: manifest_version: the number 0; wanted a whole number \
        of at least 1. Correct it, or generate it again: reflux plugin manifest LIBRARY \
        --output plugin.json. [manifest.field]
        """
    ) { $0["manifest_version"] = 0 },
    manifestField(
        "version-text", .manifestField,
        """
        $PLUGIN/plugin.json:18: manifest_version: the text "1"; wanted a whole number \
        of at least 1. Correct it, or generate it again: reflux plugin manifest LIBRARY \
        --output plugin.json. [manifest.field]
        """
    ) { $0["manifest_version"] = "1" },
    manifestField(
        "id-missing", .manifestField,
        """
        $PLUGIN/plugin.json:1: id: the field is missing; wanted a text. Correct it, or \
        generate it again: reflux plugin manifest LIBRARY --output plugin.json. \
        [manifest.field]
        """
    ) { $0["id"] = nil },
    manifestField(
        "id-number", .manifestField,
        """
        $PLUGIN/plugin.json:7: id: the number 7; wanted a text. Correct it, or generate \
        it again: reflux plugin manifest LIBRARY --output plugin.json. [manifest.field]
        """
    ) { $0["id"] = 7 },
    manifestField(
        "id-parent", .manifestID,
        """
        $PLUGIN/plugin.json:7: id: the text "../sample"; wanted lower-case words and \
        digits joined by hyphens or dots, at most 64 bytes. Rename the plugin and its \
        folder. [manifest.id]
        """
    ) { $0["id"] = "../sample" },
    manifestField(
        "id-dots", .manifestID,
        """
        $PLUGIN/plugin.json:7: id: the text ".."; wanted lower-case words and digits \
        joined by hyphens or dots, at most 64 bytes. Rename the plugin and its folder. \
        [manifest.id]
        """
    ) { $0["id"] = ".." },
    manifestField(
        "id-absolute", .manifestID,
        """
        $PLUGIN/plugin.json:7: id: the text "/etc"; wanted lower-case words and digits \
        joined by hyphens or dots, at most 64 bytes. Rename the plugin and its folder. \
        [manifest.id]
        """
    ) { $0["id"] = "/etc" },
    manifestField(
        "id-upper-case", .manifestID,
        """
        $PLUGIN/plugin.json:7: id: the text "Sample"; wanted lower-case words and \
        digits joined by hyphens or dots, at most 64 bytes. Rename the plugin and its \
        folder. [manifest.id]
        """
    ) { $0["id"] = "Sample" },
    manifestField(
        "id-empty", .manifestID,
        """
        $PLUGIN/plugin.json:7: id: the text ""; wanted lower-case words and digits \
        joined by hyphens or dots, at most 64 bytes. Rename the plugin and its folder. \
        [manifest.id]
        """
    ) { $0["id"] = "" },
    manifestField(
        "id-too-long", .manifestID,
        """
        $PLUGIN/plugin.json:7: id: the text \
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"; wanted \
        lower-case words and digits joined by hyphens or dots, at most 64 bytes. Rename \
        the plugin and its folder. [manifest.id]
        """
    ) { $0["id"] = String(repeating: "a", count: 65) },
    manifestField(
        "id-terminal-escape", .manifestID,
        #"""
        $PLUGIN/plugin.json:7: id: the text "a\u{1b}[31m\u{a}"; wanted lower-case words \#
        and digits joined by hyphens or dots, at most 64 bytes. Rename the plugin and \#
        its folder. [manifest.id]
        """#
    ) { $0["id"] = "a\u{1B}[31m\n" },
    manifestField(
        "id-of-another", .manifestFolder,
        """
        $PLUGIN/plugin.json:7: id: the text "other"; wanted the name of the folder, \
        "sample". Rename the folder to "other". [manifest.folder]
        """
    ) { $0["id"] = "other" },
    manifestField(
        "name-empty", .manifestField,
        """
        $PLUGIN/plugin.json:19: name: the text " "; wanted one line of text that is not \
        empty. Correct it, or generate it again: reflux plugin manifest LIBRARY \
        --output plugin.json. [manifest.field]
        """
    ) { $0["name"] = " " },
    manifestField(
        "name-number", .manifestField,
        """
        $PLUGIN/plugin.json:19: name: the number 1.5; wanted one line of text that is \
        not empty. Correct it, or generate it again: reflux plugin manifest LIBRARY \
        --output plugin.json. [manifest.field]
        """
    ) { $0["name"] = 1.5 },
    manifestField(
        "name-null", .manifestField,
        """
        $PLUGIN/plugin.json:19: name: null; wanted one line of text that is not empty. \
        Correct it, or generate it again: reflux plugin manifest LIBRARY --output \
        plugin.json. [manifest.field]
        """
    ) { $0["name"] = NSNull() },
    manifestField(
        "name-terminal-escape", .manifestField,
        #"""
        $PLUGIN/plugin.json:19: name: the text "\u{1b}[2J"; wanted one line of text \#
        that is not empty, without control characters. Correct it, or generate it \#
        again: reflux plugin manifest LIBRARY --output plugin.json. [manifest.field]
        """#
    ) { $0["name"] = "\u{1B}[2J" },
    manifestField(
        "name-turned-round", .manifestField,
        #"""
        $PLUGIN/plugin.json:19: name: the text "a\u{202e}b"; wanted one line of text \#
        that is not empty, without control characters. Correct it, or generate it \#
        again: reflux plugin manifest LIBRARY --output plugin.json. [manifest.field]
        """#
    ) { $0["name"] = "a\u{202E}b" },
    manifestField(
        "license-missing", .manifestField,
        """
        $PLUGIN/plugin.json:1: license: the field is missing; wanted one line of text \
        that is not empty. Correct it, or generate it again: reflux plugin manifest \
        LIBRARY --output plugin.json. [manifest.field]
        """
    ) { $0["license"] = nil },
    manifestField(
        "license-mistyped", .manifestField,
        """
        $PLUGIN/plugin.json:1: license: the field is missing; wanted one line of text \
        that is not empty. Rename "licence" to "license". [manifest.field]
        """
    ) {
        $0["licence"] = $0["license"]
        $0["license"] = nil
    },
    manifestField(
        "not-semver", .manifestField,
        """
        $PLUGIN/plugin.json:41: version: the text "1.0"; wanted a version by SemVer, \
        for instance 1.0.0. See semver.org. [manifest.field]
        """
    ) { $0["version"] = "1.0" },
    manifestField(
        "not-semver-zero", .manifestField,
        """
        $PLUGIN/plugin.json:41: version: the text "1.02.0"; wanted a version by SemVer, \
        for instance 1.0.0. See semver.org. [manifest.field]
        """
    ) { $0["version"] = "1.02.0" },
    manifestField(
        "abi-newer-major", .manifestABI,
        """
        $PLUGIN/plugin.json:3: abi.major: a plugin that needs the newer ABI 2.0; wanted \
        ABI 1.1, which this reflux speaks. Install a newer reflux, or an older version \
        of the plugin. [manifest.abi]
        """
    ) { $0["abi"] = ["major": 2, "min_minor": 0] },
    manifestField(
        "abi-newer-minor", .manifestABI,
        """
        $PLUGIN/plugin.json:4: abi.min_minor: a plugin that needs the newer ABI 1.7; \
        wanted ABI 1.1, which this reflux speaks. Install a newer reflux, or an older \
        version of the plugin. [manifest.abi]
        """
    ) { $0["abi"] = ["major": 1, "min_minor": 7] },
    manifestField(
        "abi-older", .manifestABI,
        """
        $PLUGIN/plugin.json:3: abi.major: a plugin for the older ABI 0; wanted ABI 1.1, \
        which this reflux speaks. Build the plugin again with the headers of this \
        reflux, or use a reflux of ABI 0. [manifest.abi]
        """
    ) { $0["abi"] = ["major": 0, "min_minor": 3] },
    manifestField(
        "abi-negative", .manifestField,
        """
        $PLUGIN/plugin.json:3: abi.major: the number -1; wanted a whole number of at \
        least 0. Correct it, or generate it again: reflux plugin manifest LIBRARY \
        --output plugin.json. [manifest.field]
        """
    ) { $0["abi"] = ["major": -1, "min_minor": 0] },
    manifestField(
        "abi-fraction", .manifestField,
        """
        $PLUGIN/plugin.json:3: abi.major: the number 1.5; wanted a whole number of at \
        least 0. Correct it, or generate it again: reflux plugin manifest LIBRARY \
        --output plugin.json. [manifest.field]
        """
    ) { $0["abi"] = ["major": 1.5, "min_minor": 0] },
    manifestField(
        "abi-text", .manifestField,
        """
        $PLUGIN/plugin.json:2: abi: the text "1.0"; wanted an object. Correct it, or \
        generate it again: reflux plugin manifest LIBRARY --output plugin.json. \
        [manifest.field]
        """
    ) { $0["abi"] = "1.0" },
    manifestField(
        "libraries-none", .manifestField,
        """
        $PLUGIN/plugin.json:8: libraries: an empty list; wanted a list that is not \
        empty. Correct it, or generate it again: reflux plugin manifest LIBRARY \
        --output plugin.json. [manifest.field]
        """
    ) { $0["libraries"] = [Any]() },
    manifestField(
        "libraries-object", .manifestField,
        """
        $PLUGIN/plugin.json:8: libraries: an object; wanted a list. Correct it, or \
        generate it again: reflux plugin manifest LIBRARY --output plugin.json. \
        [manifest.field]
        """
    ) { $0["libraries"] = [String: Any]() },
    manifestLibrary(
        "platform-missing", .manifestPlatform,
        """
        $PLUGIN/plugin.json: libraries: libraries for plan9 \
        \(PluginBuilder.architecture); wanted one for linux \
        \(PluginBuilder.architecture). Install a version of the plugin for this \
        platform, or build it here. [manifest.platform]
        """
    ) { $0["os"] = "plan9" },
    manifestLibrary(
        "hash-short", .manifestField,
        """
        $PLUGIN/plugin.json:13: libraries[0].sha256: the text "abc"; wanted 64 \
        lower-case hexadecimal digits. Correct it, or generate it again: reflux plugin \
        manifest LIBRARY --output plugin.json. [manifest.field]
        """
    ) { $0["sha256"] = "abc" },
    manifestLibrary(
        "hash-upper-case", .manifestField,
        """
        $PLUGIN/plugin.json:13: libraries[0].sha256: the text \
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"; wanted 64 \
        lower-case hexadecimal digits. Correct it, or generate it again: reflux plugin \
        manifest LIBRARY --output plugin.json. [manifest.field]
        """
    ) {
        $0["sha256"] = String(repeating: "A", count: 64)
    },
    manifestLibrary(
        "size-zero", .manifestField,
        """
        $PLUGIN/plugin.json:14: libraries[0].size: the number 0; wanted a whole number \
        of at least 1. Correct it, or generate it again: reflux plugin manifest LIBRARY \
        --output plugin.json. [manifest.field]
        """
    ) { $0["size"] = 0 },
    manifestLibrary(
        "size-text", .manifestField,
        """
        $PLUGIN/plugin.json:14: libraries[0].size: the text "large"; wanted a whole \
        number of at least 1. Correct it, or generate it again: reflux plugin manifest \
        LIBRARY --output plugin.json. [manifest.field]
        """
    ) { $0["size"] = "large" },
    manifestLibrary(
        "path-missing", .manifestField,
        """
        $PLUGIN/plugin.json:9: libraries[0].path: the field is missing; wanted one line \
        of text that is not empty. Correct it, or generate it again: reflux plugin \
        manifest LIBRARY --output plugin.json. [manifest.field]
        """
    ) { $0["path"] = nil },
    manifestField(
        "platform-twice", .manifestField,
        """
        $PLUGIN/plugin.json:17: libraries[1].arch: a second library for linux \
        \(PluginBuilder.architecture); wanted one library for each platform. Remove one \
        of the two. [manifest.field]
        """
    ) { values in
        let libraries = values["libraries"] as? [Any] ?? []
        values["libraries"] = libraries + libraries
    },
    manifestField(
        "runtime-without-toolchain", .manifestField,
        """
        $PLUGIN/plugin.json:37: runtime.toolchain: the field is missing; wanted one \
        line of text that is not empty. Correct it, or generate it again: reflux plugin \
        manifest LIBRARY --output plugin.json. [manifest.field]
        """
    ) { $0["runtime"] = ["language": "C"] },
    manifestField(
        "service-unknown", .manifestRequires,
        """
        $PLUGIN/plugin.json:38: requires.services: the service "metric"; wanted \
        services that this reflux offers. Did you mean "metrics"? Known: cancellation, \
        log, metrics, progress, random. A newer reflux may offer more. \
        [manifest.requires]
        """
    ) { $0["requires"] = ["services": ["metric"]] },
    manifestField(
        "service-twice", .manifestField,
        """
        $PLUGIN/plugin.json:40: requires.services[1]: "log" a second time; wanted every \
        text once. Remove one of the two. [manifest.field]
        """
    ) {
        $0["requires"] = ["services": ["log", "log"]]
    },
    manifestField(
        "processor-feature", .manifestRequires,
        """
        $PLUGIN/plugin.json:38: requires.cpu_features: the processor feature "avx9"; \
        wanted features that this processor has. Use the plugin on another machine, or \
        a version of it that does without. [manifest.requires]
        """
    ) {
        $0["requires"] = ["cpu_features": ["avx9"]]
    },
    manifestField(
        "tests-outside", .manifestField,
        """
        $PLUGIN/plugin.json:41: tests: the path "tests/../../cases.jsonl"; wanted paths \
        in the plugin's folder. Correct it, or generate it again: reflux plugin \
        manifest LIBRARY --output plugin.json. [manifest.field]
        """
    ) { $0["tests"] = ["tests/../../cases.jsonl"] },
    manifestField(
        "tests-number", .manifestField,
        """
        $PLUGIN/plugin.json:43: tests[1]: the number 7; wanted a text that is not \
        empty. Correct it, or generate it again: reflux plugin manifest LIBRARY \
        --output plugin.json. [manifest.field]
        """
    ) { $0["tests"] = ["a.jsonl", 7] as [Any] },
]
