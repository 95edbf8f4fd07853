import Foundation
import PluginCorpus
import RefluxCore
import Testing

@testable import RefluxPluginHost

@Suite("Loading a plugin")
struct LoadTests {
    @Test("init is called once, however often the library is loaded")
    func once() async throws {
        try await withTemporaryFolder { folder in
            var builder = PluginBuilder()
            builder.code = """
                static int32_t my_init(const reflux_host *given, reflux_call *call) {
                    host = given;
                    host->log(call, REFLUX_LOG_INFO, given->name);
                    return REFLUX_OK;
                }
                """
            builder.definitions["INIT"] = "my_init"
            let heard = Heard()
            let library = try verifiedLibrary(builder.build(in: folder))
            for _ in 0..<3 {
                _ = try InProcessPlugin.load(library, services: heard.services())
            }
            #expect(heard.logged == ["\(refluxName)"])
        }
    }

    @Test("a failed init is not tried again")
    func failedOnce() async throws {
        try await withTemporaryFolder { folder in
            var builder = PluginBuilder()
            builder.code = """
                static int32_t my_init(const reflux_host *given, reflux_call *call) {
                    static int calls;
                    given->set_error(call, text(calls++ == 0 ? "once" : "twice"));
                    return REFLUX_ERROR;
                }
                """
            builder.definitions["INIT"] = "my_init"
            let library = try verifiedLibrary(builder.build(in: folder))
            for _ in 0..<2 {
                let error = #expect(throws: RefluxError.self) {
                    try InProcessPlugin.load(library, services: PluginServices())
                }
                #expect(error?.found == "init failed: once")
            }
        }
    }

    @Test("a library that changed after its check is refused, loaded or not")
    func changed() async throws {
        try await withTemporaryFolder { folder in
            let path = try PluginBuilder().build(in: folder)
            let library = try verifiedLibrary(path)
            _ = try InProcessPlugin.load(library, services: PluginServices())
            var other = PluginBuilder()
            other.arguments = ["-DOTHER"]
            try FileManager.default.removeItem(atPath: library.path)
            _ = try other.build(in: folder)
            let rebuilt = try verifiedLibrary(path)
            #expect(rebuilt.identity != library.identity)
            let late = #expect(throws: RefluxError.self) {
                try InProcessPlugin.load(rebuilt, services: PluginServices())
            }
            #expect(
                late?.description == "\(library.path): another version of it is loaded in this "
                    + "process already; wanted the library that was loaded first. Start the "
                    + "command anew. [library.changed]")
        }
        try await withTemporaryFolder { folder in
            var library = try verifiedLibrary(PluginBuilder().build(in: folder))
            library.identity[0] += 1
            let error = #expect(throws: RefluxError.self) {
                try InProcessPlugin.load(library, services: PluginServices())
            }
            #expect(error?.check == "library.changed")
            #expect(!FileManager.default.fileExists(atPath: "\(folder)/canary"))
        }
    }

    @Test("a library describes itself without init")
    func describes() async throws {
        try await withTemporaryFolder { folder in
            var builder = PluginBuilder()
            builder.code = """
                static int32_t my_init(const reflux_host *given, reflux_call *call) {
                    abort();
                }
                """
            builder.definitions["INIT"] = "my_init"
            let path = try builder.build(in: folder)
            let library = try verifiedLibrary(path)
            let description = try InProcessPlugin.describe(libraryAt: library.path)
            #expect(description.id == "sample")
            #expect(description.version == "1.0.0")
            #expect(description.language == "C")
            #expect(description.minimumHostMinor == 0)
            #expect(description.extensions.map(\.id) == ["rule"])
            #expect(description.extensions.map(\.kind) == [.pseudoRewardRule])
            #expect(description.extensions.map(\.concurrency) == [.serial])
            #expect(
                JSONMeaning.areEqual(
                    description.extensions[0].configurationSchema,
                    library.manifest.provides[0].configurationSchema))
        }
    }

    @Test("a library without the entry function has nothing to describe")
    func noEntry() async throws {
        try await withTemporaryFolder { folder in
            let path = "\(folder)/empty.so"
            try PluginBuilder.run(
                "sh", ["-c", "echo 'int nothing;' | cc -shared -fPIC -x c -o \(path) -"])
            let error = #expect(throws: RefluxError.self) {
                try InProcessPlugin.describe(libraryAt: path)
            }
            #expect(
                error?.description == "\(path): it exports no reflux_plugin_entry_v1; wanted the "
                    + "entry function. Define it, mark it with REFLUX_EXPORT, and keep it from "
                    + "being stripped. [library.entry]")
        }
    }

    @Test("a shorter table stands for absent functions, a longer one is read as far as it is known")
    func tableSizes() async throws {
        try await withTemporaryFolder { folder in
            let short = PluginBuilder.kind(
                "reward-model", id: "model",
                definitions: [
                    "MODEL_SIZE": "REFLUX_STRUCT_SIZE(reflux_reward_model_table,score)",
                    "SAVE": "(void*)1", "LOAD": "(void*)1",
                ])
            let model = try loadPlugin(short, in: folder).makeRewardModel(.of("model"))
            let saved = "\(folder)/saved"
            try FileManager.default.createDirectory(
                atPath: saved, withIntermediateDirectories: true)
            try await model.save(to: saved)
            #expect(
                try FileManager.default.contentsOfDirectory(atPath: saved) == ["extension.json"])
        }
        try await withTemporaryFolder { folder in
            var long = PluginBuilder()
            long.definitions = [
                "PLUGIN_SIZE": "4000", "EXTENSION_SIZE": "4000", "RULE_SIZE": "65536",
            ]
            let rule = try loadPlugin(long, in: folder).makeRule(.of("rule"))
            #expect(try await rule.judge(sampleGroup()).label == "4")
        }
    }

    @Test("an extension that is not there is named, with the nearest that is")
    func unknownExtension() async throws {
        try await withTemporaryFolder { folder in
            let builder = PluginBuilder()
            let path = try builder.build(in: folder)
            let plugin = try InProcessPlugin.load(
                verifiedLibrary(path), services: PluginServices())
            let error = #expect(throws: RefluxError.self) { try plugin.makeRule(.of("rul")) }
            #expect(
                error?.description == "\(path): it has no pseudo-reward-rule \"rul\"; wanted an "
                    + "extension of the plugin. Did you mean \"rule\"? Known: rule. "
                    + "[plugin.found]")
            #expect(throws: RefluxError.self) { try plugin.makeTask(.of("rule")) }
        }
    }

    @Test("the numbers that Swift cannot read from the header are the header's")
    func constants() throws {
        let folder = "\(PluginBuilder.include)/reflux"
        var numbers: [String: Int32] = [:]
        for name in try FileManager.default.contentsOfDirectory(atPath: folder) {
            let text = try String(contentsOfFile: "\(folder)/\(name)", encoding: .utf8)
            for match in text.matches(of: /#define (REFLUX_\w+) INT32_C\((\d+)\)/) {
                numbers[String(match.1)] = Int32(match.2)
            }
        }
        let known: [String: Int32] = [
            "OK": Status.ok, "ERROR": Status.error, "CANCELLED": Status.cancelled,
            "UNSUPPORTED": Status.unsupported, "OUT_OF_MEMORY": Status.outOfMemory,
            "SPEAKER_SYSTEM": Speaker.system, "SPEAKER_USER": Speaker.user,
            "SPEAKER_ASSISTANT": Speaker.assistant, "ROLE_TEACHER": Role.teacher,
            "ROLE_STUDENT": Role.student, "FINISH_STOP": Finish.stop,
            "FINISH_LENGTH": Finish.length, "FINISH_UNKNOWN": Finish.unknown,
            "SPLIT_TRAIN": SplitNumber.train, "SPLIT_TEST": SplitNumber.test,
            "SPLIT_VALIDATION": SplitNumber.validation,
            "LOG_DEBUG": PluginServices.Level.debug.rawValue,
            "LOG_INFO": PluginServices.Level.info.rawValue,
            "LOG_WARNING": PluginServices.Level.warning.rawValue,
            "LOG_ERROR": PluginServices.Level.error.rawValue,
            "CONCURRENCY_SERIAL": 0, "CONCURRENCY_PARALLEL": 1,
            "STABILITY_EXPERIMENTAL": 0, "STABILITY_STABLE": 1,
        ]
        #expect(numbers == Dictionary(uniqueKeysWithValues: known.map { ("REFLUX_\($0)", $1) }))
    }
}
