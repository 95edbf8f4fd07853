public import Foundation
import RefluxCore
import RefluxFiles

/// Makes plugin folders for tests: a manifest and a library compiled from C on the spot. Whatever is
/// not given is right, so that a case changes one thing.
public struct PluginBuilder: Sendable {
    /// The plugin's id and its folder's name.
    public var id = "sample"
    /// C put before the tables: functions that replace the sound ones. The names of the sound ones
    /// are macros that may be undefined and defined anew: `INIT`, `CREATE`, `DESTROY`, `JUDGE`.
    public var code = ""
    /// Preprocessor definitions, for instance `["JUDGE": "my_judge"]`.
    public var definitions: [String: String] = [:]
    /// More arguments of the compiler.
    public var arguments: [String] = []
    /// The whole C source instead of the sound plugin with changes.
    public var source: String?
    /// Changes the manifest's values before it is written.
    public var manifest: @Sendable (inout [String: Any]) -> Void = { _ in }
    /// Changes the manifest's text before it is written.
    public var manifestText: @Sendable (String) -> String = { $0 }
    /// Changes the library's bytes before it is hashed for the manifest.
    public var library: @Sendable (inout Data) -> Void = { _ in }
    /// Whether a constructor of the library writes the file `canary` beside the plugin's folder.
    public var hasCanary = true

    /// A sound plugin with one rule, `rule`, that accepts the answers equal to the first one.
    public init() {}

    /// The library's path in the plugin's folder.
    public var libraryPath: String { "lib/linux-\(Self.architecture)/\(id).so" }

    /// The processor that this process runs on, as manifests name it.
    public static var architecture: String {
        #if arch(arm64)
            "aarch64"
        #else
            "x86_64"
        #endif
    }

    /// The folder of the public header in the source tree.
    public static var include: String {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        return root.appendingPathComponent("Sources/CRefluxPlugin/include").path
    }

    /// Makes the plugin's folder `folder/ID` and returns its path.
    @discardableResult
    public func build(in folder: String) throws -> String {
        let plugin = "\(folder)/\(id)"
        let path = "\(plugin)/\(libraryPath)"
        try FileManager.default.createDirectory(
            atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
        try compile(to: path, folder: folder)
        var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        library(&bytes)
        try bytes.write(to: URL(fileURLWithPath: path))
        var values = soundManifest(bytes)
        manifest(&values)
        let json = try JSONSerialization.data(
            withJSONObject: values, options: [.prettyPrinted, .sortedKeys])
        try Data(manifestText(String(decoding: json, as: UTF8.self)).utf8)
            .write(to: URL(fileURLWithPath: "\(plugin)/plugin.json"))
        return plugin
    }

    /// The manifest of the sound plugin with this library.
    public func soundManifest(_ bytes: Data) -> [String: Any] {
        [
            "manifest_version": 1, "id": id, "name": "Sample", "version": "1.0.0",
            "license": "Apache-2.0", "description": "A plugin for tests.",
            "abi": ["major": 1, "min_minor": 0],
            "libraries": [
                [
                    "os": "linux", "arch": Self.architecture, "path": libraryPath,
                    "sha256": Files.sha256(of: bytes), "size": bytes.count,
                ] as [String: Any]
            ],
            "runtime": ["language": "C", "toolchain": "cc"],
            "provides": [
                [
                    "kind": "pseudo-reward-rule/1", "id": "rule", "title": "A rule",
                    "description": "Accepts what the first response answers.",
                    "config_schema": ["type": "object", "properties": [:] as [String: Any]]
                        as [String: Any],
                    "concurrency": "serial", "deterministic": true, "stability": "experimental",
                ] as [String: Any]
            ],
        ]
    }

    private func compile(to path: String, folder: String) throws {
        let file = "\(folder)/\(id).c"
        try Data((source ?? soundSource).utf8).write(to: URL(fileURLWithPath: file))
        var arguments = ["-std=gnu11", "-O1", "-g0", "-shared", "-fPIC", "-I", Self.include]
        if hasCanary { arguments.append("-DCANARY=\"\(folder)/canary\"") }
        arguments += definitions.sorted { $0.key < $1.key }.map { "-D\($0.key)=\($0.value)" }
        try Self.run("cc", arguments + ["-o", path, file] + self.arguments)
    }

    /// Runs a program and throws with its output when it fails.
    public static func run(_ program: String, _ arguments: [String]) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [program] + arguments
        let output = Pipe()
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let text = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw RefluxError(
                .system,
                found: "\(program) failed: \(String(decoding: text, as: UTF8.self))")
        }
    }

    private var soundSource: String {
        """
        #include "reflux/reflux.h"
        #include <math.h>
        #include <stdio.h>
        #include <stdlib.h>
        #include <string.h>
        #include <signal.h>
        #include <unistd.h>
        #define TEXT(literal) {(literal), sizeof(literal) - 1}
        static const reflux_host *host;
        static reflux_string text(const char *data) {
            reflux_string string = {data, strlen(data)};
            return string;
        }
        #ifdef CANARY
        __attribute__((constructor)) static void sing(void) {
            FILE *file = fopen(CANARY, "w");
            if (file != NULL) fclose(file);
        }
        #endif
        __attribute__((unused))
        static int32_t sound_init(const reflux_host *given, reflux_call *call) {
            (void)call;
            host = given;
            return REFLUX_OK;
        }
        __attribute__((unused)) static int32_t sound_create(
            reflux_call *call, const reflux_creation *creation, void **instance) {
            (void)creation;
            host->set_configuration(call, text("{}"));
            *instance = malloc(1);
            return REFLUX_OK;
        }
        __attribute__((unused)) static void sound_destroy(void *instance) { free(instance); }
        __attribute__((unused)) static int32_t sound_judge(
            void *instance, reflux_call *call, const reflux_group *group,
            const reflux_judgement *out) {
            (void)instance;
            if (group->response_count == 0) {
                out->set_abstention(call, text("no responses"));
                return REFLUX_OK;
            }
            reflux_string label = group->responses[0]->answer;
            if (label.data == NULL) out->set_abstention(call, text("no answer"));
            else out->set_label(call, label);
            for (uint64_t i = 0; i < group->response_count; i++) {
                reflux_string answer = group->responses[i]->answer;
                if (label.data == NULL || answer.data == NULL) {
                    out->abstain(call, i, text("no answer"));
                } else {
                    out->rewards[i] = answer.length == label.length
                        && memcmp(answer.data, label.data, label.length) == 0;
                }
            }
            return REFLUX_OK;
        }
        #ifndef INIT
        #define INIT sound_init
        #endif
        #ifndef CREATE
        #define CREATE sound_create
        #endif
        #ifndef DESTROY
        #define DESTROY sound_destroy
        #endif
        #ifndef JUDGE
        #define JUDGE sound_judge
        #endif
        #ifndef RULE_SIZE
        #define RULE_SIZE REFLUX_STRUCT_SIZE(reflux_rule_table, judge)
        #endif
        #ifndef EXTENSION_SIZE
        #define EXTENSION_SIZE REFLUX_STRUCT_SIZE(reflux_extension, table)
        #endif
        #ifndef PLUGIN_SIZE
        #define PLUGIN_SIZE REFLUX_STRUCT_SIZE(reflux_plugin, extension_count)
        #endif
        #ifndef MAGIC
        #define MAGIC REFLUX_PLUGIN_MAGIC
        #endif
        #ifndef ID
        #define ID "\(id)"
        #endif
        #ifndef VERSION
        #define VERSION "1.0.0"
        #endif
        #ifndef SCHEMA
        #define SCHEMA "{\\"type\\":\\"object\\",\\"properties\\":{}}"
        #endif
        #ifndef ENTRY
        #define ENTRY &plugin
        #endif
        \(code)
        static const reflux_rule_table table = {
            .struct_size = RULE_SIZE, .create = CREATE, .destroy = DESTROY, .judge = JUDGE};
        #ifndef TABLE
        #define TABLE &table
        #endif
        static const reflux_extension extension = {
            .struct_size = EXTENSION_SIZE, .concurrency = REFLUX_CONCURRENCY_SERIAL,
            .deterministic = 1, .stability = REFLUX_STABILITY_EXPERIMENTAL,
            .kind = TEXT(REFLUX_KIND_PSEUDO_REWARD_RULE), .id = TEXT("rule"),
            .title = TEXT("A rule"), .description = TEXT("Accepts what the first response answers."),
            .config_schema = TEXT(SCHEMA), .table = TABLE};
        #ifndef EXTENSIONS
        #define EXTENSIONS &extension
        #endif
        static const reflux_extension *const extensions[] = {EXTENSIONS};
        __attribute__((unused)) static const reflux_plugin plugin = {
            .magic = MAGIC, .struct_size = PLUGIN_SIZE, .abi_minor = REFLUX_ABI_MINOR,
            .min_host_minor = 0, .id = TEXT(ID), .name = TEXT("Sample"), .version = TEXT(VERSION),
            .license = TEXT("Apache-2.0"), .description = TEXT("A plugin for tests."),
            .language = TEXT("C"), .toolchain = TEXT("cc"), .init = INIT,
            .extensions = extensions, .extension_count = sizeof extensions / sizeof *extensions};
        #ifndef NO_ENTRY
        const reflux_plugin *reflux_plugin_entry_v1(void) { return ENTRY; }
        #endif

        """
    }
}
