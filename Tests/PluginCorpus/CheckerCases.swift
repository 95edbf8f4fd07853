import Foundation
import RefluxPluginHost

/// Plugins that the host lets pass, because no single call shows what is wrong with them, and that
/// `reflux plugin check` refuses. The name is `checker/TEST/CAUSE`, the test's id without the
/// extension.
public let checkerCases: [CorpusCase] =
    determinismCases + stateCases + [
        checkerCase(
            "cancellation/sleeps-through",
            """
            static int32_t my_judge(void *instance, reflux_call *call, const reflux_group *group,
                                    const reflux_judgement *out) {
                for (uint64_t i = 0; i < group->response_count; i++) usleep(2000);
                return sound_judge(instance, call, group, out);
            }
            """),
        checkerCase(
            "errors/no-text",
            """
            static int32_t my_judge(void *instance, reflux_call *call, const reflux_group *group,
                                    const reflux_judgement *out) {
                if (group->response_count == 1) return REFLUX_ERROR;
                return sound_judge(instance, call, group, out);
            }
            """),
        checkerCase("create.limits/largest", largestValueCrashes, function: "CREATE") { plugin in
            plugin.code = "#undef SCHEMA\n#define SCHEMA \(limitsSchemaInC)\n" + plugin.code
            plugin.manifest = { manifest in
                setExtension(&manifest, "config_schema", limitsSchema)
            }
        },
        checkerCase("describe/toolchain", "") { plugin in
            plugin.manifest = { $0["runtime"] = ["language": "C", "toolchain": "another one"] }
        },
        checkerCase("manifest.keys/unknown", "") { plugin in
            plugin.manifest = { $0["licence"] = "MIT" }
        },
        goldenCase(
            "golden/verdict",
            line: #"{"extension":"rule","responses":[{"answer":"4"}],"#
                + #""expect":{"label":"4","verdicts":[0.5]}}"#),
        goldenCase(
            "golden/unknown-key",
            line: #"{"extension":"rule","responses":[{"answr":"4"}],"#
                + #""expect":{"label":null}}"#),
        goldenCase(
            "golden/unknown-extension", line: #"{"extension":"ruler","expect":{}}"#),
    ]

private let determinismCases: [CorpusCase] = [
    checkerCase(
        "determinism.process/calls",
        noting("static double calls; calls += 1; double value = calls;")),
    checkerCase(
        "determinism.process/address", noting("double value = (double)(uintptr_t)instance;")),
    checkerCase("determinism.processes/pid", noting("double value = (double)getpid();")),
    checkerCase("determinism.processes/clock", noting("double value = (double)time(NULL);")),
    checkerCase(
        "determinism.processes/address",
        noting("double value = (double)((uintptr_t)&host & 0xFFFFFFFFF000u);")),
    checkerCase(
        "determinism.order/last-group",
        noting("static double last; double value = last; last = (double)group->response_count;")),
    checkerCase(
        "determinism.threads/scratch",
        noting(
            "static volatile double scratch; scratch = group->prompt->index + 100.0 * "
                + "group->response_count; usleep(300); double value = scratch;")
    ) { plugin in
        plugin.code =
            "#undef REFLUX_CONCURRENCY_SERIAL\n"
            + "#define REFLUX_CONCURRENCY_SERIAL REFLUX_CONCURRENCY_PARALLEL\n" + plugin.code
        plugin.manifest = { setExtension(&$0, "concurrency", "parallel") }
    },
]

private let stateCases: [CorpusCase] = [
    checkerCase(
        "state.instances/shared",
        noting(
            "static void *owner; double value = owner == NULL || owner == instance;"
                + " owner = instance;")),
    checkerCase(
        "state.memory/create",
        """
        static int32_t my_create(reflux_call *call, const reflux_creation *creation,
                                 void **instance) {
            (void)creation;
            host->set_configuration(call, text("{}"));
            *instance = malloc(1 << 20);
            memset(*instance, 1, 1 << 20);
            return REFLUX_OK;
        }
        #undef DESTROY
        #define DESTROY my_destroy
        static void my_destroy(void *instance) { (void)instance; }
        """, function: "CREATE"),
    checkerCase(
        "state.memory/judge",
        noting(
            "static char *volatile lost; lost = malloc(1 << 18); memset(lost, 1, 1 << 18);"
                + " double value = lost == NULL;")),
]

/// A `judge` that is sound, and notes a number that C statements make in the variable `value`.
private func noting(_ statements: String) -> String {
    """
    #include <time.h>
    static int32_t my_judge(void *instance, reflux_call *call, const reflux_group *group,
                            const reflux_judgement *out) {
        \(statements)
        host->metric(call, 0, text("value"), value);
        return sound_judge(instance, call, group, out);
    }
    """
}

/// A case of the sound plugin with one function replaced.
private func checkerCase(
    _ name: String, _ code: String, function: String = "JUDGE",
    change: @escaping @Sendable (inout PluginBuilder) -> Void = { _ in }
) -> CorpusCase {
    CorpusCase(
        "checker/\(name)", stage: .call, check: nil, message: "",
        make: { folder in
            var plugin = PluginBuilder()
            plugin.hasCanary = false
            plugin.code = code
            if !code.isEmpty {
                plugin.code =
                    "#undef \(function)\n#define \(function) my_\(function.lowercased())\n"
                    + plugin.code
            }
            change(&plugin)
            return try plugin.build(in: folder)
        })
}

private func goldenCase(_ name: String, line: String) -> CorpusCase {
    CorpusCase(
        "checker/\(name)", stage: .call, check: nil, message: "",
        make: { folder in
            var plugin = PluginBuilder()
            plugin.hasCanary = false
            plugin.manifest = { $0["tests"] = ["tests/cases.jsonl"] }
            let path = try plugin.build(in: folder)
            try FileManager.default.createDirectory(
                atPath: "\(path)/tests", withIntermediateDirectories: true)
            try Data((line + "\n").utf8).write(
                to: URL(fileURLWithPath: "\(path)/tests/cases.jsonl"))
            return path
        })
}

/// Changes a field of the one extension of a manifest.
private func setExtension(_ manifest: inout [String: Any], _ key: String, _ value: Any) {
    guard var provides = manifest["provides"] as? [[String: Any]], !provides.isEmpty else { return }
    provides[0][key] = value
    manifest["provides"] = provides
}

private var limitsSchema: [String: Any] {
    [
        "type": "object",
        "properties": [
            "size": [
                "type": "integer", "default": 1, "minimum": 0, "maximum": 1000,
                "description": "A size.",
            ] as [String: Any]
        ],
    ]
}

private let limitsSchemaInC =
    #""{\"type\":\"object\",\"properties\":{\"size\":{\"type\":\"integer\",\"default\":1,"#
    + #"\"minimum\":0,\"maximum\":1000,\"description\":\"A size.\"}}}""#

private let largestValueCrashes = """
    static int32_t my_create(reflux_call *call, const reflux_creation *creation,
                             void **instance) {
        reflux_string json = creation->configuration;
        if (memmem(json.data, json.length, "1000", 4) != NULL) abort();
        return sound_create(call, creation, instance);
    }
    """
