import CRefluxPlugin
import Foundation
import PluginCorpus
import RefluxCore
import Testing

@testable import RefluxPluginHost

@Suite("The host's services")
struct ServicesTests {
    @Test("log lines are one clean line each, of a known level")
    func cleanLog() async throws {
        try await withTemporaryFolder { folder in
            let builder = ruleBuilder(
                """
                static char flood[5000];
                memset(flood, 'a', sizeof flood);
                reflux_string long_line = {flood, sizeof flood}, nothing = {NULL, 0};
                host->log(call, 3, text("\\x1b[31mred\\x1b[0m\\nand\\ttab\\x07\\x7f"));
                host->log(call, 99, text("bad \\xff\\xfe UTF-8 and \\xe2\\x80\\xae turned"));
                host->log(call, 0, long_line);
                host->log(call, 2, nothing);
                """)
            let heard = Heard()
            let plugin = try loadPlugin(builder, in: folder, services: heard.services())
            _ = try await plugin.makeRule(.of("rule")).judge(sampleGroup())
            #expect(
                heard.logged == [
                    "\u{FFFD}red\u{FFFD} and tab\u{FFFD}\u{FFFD}",
                    "bad \u{FFFD}\u{FFFD} UTF-8 and \u{FFFD} turned",
                    String(repeating: "a", count: 1997) + "…", "",
                ])
            #expect(heard.levels == [.error, .info, .debug, .warning])
        }
    }

    @Test("a flood is counted, not shown")
    func flood() async throws {
        try await withTemporaryFolder { folder in
            let builder = ruleBuilder(
                "for (int i = 0; i < 2345; i++) host->log(call, 1, text(\"line\"));")
            let heard = Heard()
            try await {
                let plugin = try loadPlugin(builder, in: folder, services: heard.services())
                _ = try await plugin.makeRule(.of("rule")).judge(sampleGroup())
            }()
            let told = ["1 line was", "10 lines were", "100 lines were", "1000 lines were"]
            #expect(
                heard.logged.dropFirst(200)
                    == (told + ["2145 lines were"]).map {
                        "It logs too much: \($0) suppressed after the first 200."
                    }[...])
        }
    }

    @Test("the configuration reaches the plugin, and the one in effect the host")
    func configuration() async throws {
        try await withTemporaryFolder { folder in
            var builder = PluginBuilder()
            builder.code = """
                static int32_t my_create(
                    reflux_call *call, const reflux_creation *creation, void **instance) {
                    if (creation->seed != 7 || creation->base_folder.length != 1) return 1;
                    host->set_configuration(call, creation->configuration);
                    *instance = malloc(1);
                    return REFLUX_OK;
                }
                """
            builder.definitions["CREATE"] = "my_create"
            let heard = Heard()
            let plugin = try loadPlugin(builder, in: folder, services: heard.services())
            _ = try plugin.makeRule(.of("rule", configuration: #"{"n":1,"ä":"ö"}"#))
            #expect(heard.effective == [#"rule {"n":1,"ä":"ö"}"#])
        }
    }

    @Test("random words depend on seed, prompt, stream and position alone, and on all of these")
    func random() async throws {
        try await withTemporaryFolder { folder in
            let builder = ruleBuilder(
                """
                uint64_t halves[] = {0, 1, UINT64_C(1) << 32};
                for (int s = 0; s < 3; s++) for (int p = 0; p < 3; p++) {
                    uint32_t words[4];
                    char name[64];
                    host->random_words(call, halves[s], halves[p], words);
                    for (int w = 0; w < 4; w++) {
                        snprintf(name, sizeof name, "%d/%d/%d", s, p, w);
                        host->metric(call, 0, text(name), words[w]);
                    }
                }
                """)
            let plugin = try loadPlugin(builder, in: folder)
            func draw(seed: UInt64, index: Int) async throws -> [String: Double] {
                try await plugin.makeRule(.of("rule", seed: seed))
                    .judge(sampleGroup("q", index: index)).metrics
            }
            let first = try await draw(seed: 1, index: 0)
            #expect(try await draw(seed: 1, index: 0) == first)
            var all = Array(first.values)
            all += try await draw(seed: 2, index: 0).values
            all += try await draw(seed: 1, index: 1).values
            #expect(all.count == 3 * 36)
            #expect(Set(all).count == all.count)
            // FNV-1a of "sample:rule", then the keyed generator that every stage uses.
            let key = RandomKey(seed: 1 ^ fnv1a("sample:rule".utf8), stage: .plugin)
            #expect(first["0/0/0"] == Double(key.words(at: 0).x))
            #expect(fnv1a("foobar".utf8) == 0x8594_4171_F739_67E8)
        }
    }

    @Test("a cancelled task ends the call that looks")
    func cancellation() async throws {
        try await withTemporaryFolder { folder in
            let builder = ruleBuilder(
                """
                host->log(call, 1, text("waiting"));
                while (!host->is_cancelled(call)) usleep(500);
                if (host->remaining_nanoseconds(call) != INT64_MAX) return REFLUX_OK;
                return REFLUX_CANCELLED;
                """)
            let heard = Heard()
            let plugin = try loadPlugin(builder, in: folder, services: heard.services(limit: nil))
            let rule = try plugin.makeRule(.of("rule"))
            let task = Task.detached { try await rule.judge(sampleGroup()) }
            while heard.logged.isEmpty { try await Task.sleep(for: .milliseconds(1)) }
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
        }
    }

    @Test("the time that is left counts down from the limit")
    func remaining() async throws {
        try await withTemporaryFolder { folder in
            let builder = ruleBuilder(
                """
                host->metric(call, 0, text("left"), (double)host->remaining_nanoseconds(call));
                host->metric(call, 0, text("cancelled"), host->is_cancelled(call));
                """)
            let plugin = try loadPlugin(
                builder, in: folder, services: Heard().services(limit: .seconds(30)))
            let metrics = try await plugin.makeRule(.of("rule")).judge(sampleGroup()).metrics
            let left = try #require(metrics["left"])
            #expect(left > 20e9 && left <= 30e9)
            #expect(metrics["cancelled"] == 0)
        }
    }

    @Test("another thread of the plugin may use the services while the call runs")
    func threads() async throws {
        try await withTemporaryFolder { folder in
            var builder = ruleBuilder(
                """
                pthread_t threads[4];
                for (int i = 0; i < 4; i++) pthread_create(&threads[i], NULL, work, call);
                for (int i = 0; i < 4; i++) pthread_join(threads[i], NULL);
                """,
                before: """
                    #include <pthread.h>
                    static void *work(void *call) {
                        for (int i = 0; i < 1000; i++) {
                            host->metric(call, 0, text("turns"), i);
                            host->is_cancelled(call);
                        }
                        return NULL;
                    }
                    """)
            builder.arguments = ["-pthread"]
            let plugin = try loadPlugin(builder, in: folder)
            let judgement = try await plugin.makeRule(.of("rule")).judge(sampleGroup())
            #expect(judgement.metrics == ["turns": 999])
        }
    }

    @Test("every service of the table is there, and the table does not move")
    func table() {
        let host = HostTable.pointer
        #expect(host == HostTable.pointer)
        #expect(host.pointee.struct_size == 88)
        #expect(host.pointee.abi_minor == UInt32(REFLUX_ABI_MINOR))
        #expect(host.pointee.set_error != nil && host.pointee.set_configuration != nil)
        #expect(host.pointee.log != nil && host.pointee.is_cancelled != nil)
        #expect(host.pointee.remaining_nanoseconds != nil && host.pointee.random_words != nil)
        #expect(host.pointee.metric != nil && host.pointee.progress != nil)
    }
}
