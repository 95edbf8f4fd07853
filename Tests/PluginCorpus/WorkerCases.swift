import RefluxCore
public import RefluxPluginHost

/// Plugins that end, block or starve the process that they run in. Only for `isolation: process`:
/// in the process of a host they would end the host.
public let workerCases: [CorpusCase] =
    signalCases + exitCases + hangCases + memoryCases + startCases + connectionCases
    + harmlessCases

// Signals.
private let signalCases: [CorpusCase] = [
    judging("trap", "__builtin_trap();", .workerCrash, ended(by: trap)),
    judging("segfault", "*(volatile int *)NULL = 1;", .workerCrash, ended(by: segfault)),
    judging("abort", "abort();", .workerCrash, ended(by: abort)),
    judging(
        "divide-by-zero", "raise(SIGFPE);", .workerCrash,
        ended(by: "signal 8 (SIGFPE: forbidden arithmetic, such as a division by zero)")),
    judging(
        "uncaught-exception", "_ZSt20__throw_length_errorPKc(\"too long\");", .workerCrash,
        ended(by: abort, saying: "what():  too long"),
        before: "void _ZSt20__throw_length_errorPKc(const char *);", arguments: ["-lstdc++"]),
    judging(
        "terminate", "_ZSt9terminatev();", .workerCrash,
        ended(by: abort, saying: "terminate called without an active exception"),
        before: "void _ZSt9terminatev(void);", arguments: ["-lstdc++"]),
    judging(
        "last-words", "fprintf(stderr, \"index 9 of 3\\n\"); __builtin_trap();", .workerCrash,
        ended(by: trap, saying: "index 9 of 3")),
    judging(
        "stack-overflow", "if (deep(1)) return REFLUX_ERROR;", .workerCrash,
        ended(by: "signal 11 (SIGSEGV: the stack overflowed, as endless recursion does)"),
        before: """
            static volatile int depth;
            __attribute__((noinline)) static int deep(int level) {
                volatile char room[4096];
                room[0] = (char)level;
                depth = level;
                return deep(level + 1) + room[0];
            }
            """),
    judging(
        "sigterm", "raise(SIGTERM);", .workerCrash,
        ended(by: "signal 15 (SIGTERM: asked to end)")),
    judging("kills-itself", "kill(getpid(), SIGKILL);", .workerCrash, ended(by: kill)),
    judging("kills-its-group", "kill(0, SIGKILL);", .workerCrash, ended(by: kill)),
    judging(
        "thread-crashes",
        "pthread_t t; pthread_create(&t, NULL, crash, NULL); pthread_join(t, NULL);",
        .workerCrash, ended(by: segfault),
        before: """
            #include <pthread.h>
            static void *crash(void *nothing) {
                *(volatile int *)8 = 1;
                return nothing;
            }
            """),
    judging(
        "third-group-crashes",
        "if (memcmp(group->prompt->id.data, \"q/2\", 3) == 0) __builtin_trap();", .workerCrash,
        ended(by: trap, item: "q/2"), use: judgeThreeGroups),
]

// Ends of its own will.
private let exitCases: [CorpusCase] = [
    judging("exit-0", "exit(0);", .workerExit, called("exit(0)")),
    judging("exit-3", "exit(3);", .workerExit, called("exit(3)")),
    judging("_exit", "_exit(7);", .workerExit, called("exit(7)")),
    judging(
        "forks-and-exits", "if (fork() == 0) for (;;) pause(); _exit(0);", .workerExit,
        called("exit(0)")),
]

// No ends.
private let hangCases: [CorpusCase] = [
    judging("endless-loop", "for (volatile int i = 0;; i++) {}", .workerTime, outOfTime()),
    judging(
        "deaf-loop",
        "sigset_t all; sigfillset(&all); sigprocmask(SIG_SETMASK, &all, NULL); for (;;) pause();",
        .workerTime, outOfTime()),
    judging("stops-itself", "raise(SIGSTOP);", .workerTime, outOfTime()),
    judging(
        "forks-and-hangs", "fork(); for (;;) pause();", .workerTime, outOfTime()),
    judging(
        "deadlock", "pthread_mutex_lock(&lock); pthread_mutex_lock(&lock);", .workerTime,
        outOfTime(),
        before: """
            #include <pthread.h>
            static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
            """),
]

// Memory.
private let memoryCases: [CorpusCase] = [
    judging(
        "memory-bomb", "for (;;) memset(malloc(1 << 22), 1, 1 << 22);", .workerMemory,
        outOfMemory(segfault)),
    judging(
        "huge-allocation", "volatile char *all = malloc((size_t)1 << 45); all[0] = 1;",
        .workerMemory,
        outOfMemory(segfault)),
    judging(
        "out-of-memory-abort", "while (malloc(1 << 20) != NULL) {} abort();", .workerMemory,
        outOfMemory(abort)),
]

// Before the first call.
private let startCases: [CorpusCase] = [
    starting(
        "constructor-crashes", "__attribute__((constructor)) static void f(void) { abort(); }", [:],
        .workerCrash, ended(by: abort, in: "load", item: nil)),
    starting(
        "constructor-exits", "__attribute__((constructor)) static void f(void) { exit(0); }", [:],
        .workerExit, called("exit(0)", in: "load", item: nil)),
    starting(
        "constructor-hangs",
        "__attribute__((constructor)) static void f(void) { for (;;) pause(); }",
        [:], .workerTime, outOfTime(in: "load", item: nil)),
    starting(
        "init-crashes",
        """
        static int32_t my_init(const reflux_host *given, reflux_call *call) {
            (void)given, (void)call;
            __builtin_trap();
        }
        """, ["INIT": "my_init"], .workerCrash, ended(by: trap, in: "load", item: nil)),
    starting(
        "create-crashes", create("*(volatile int *)NULL = 1;"), ["CREATE": "my_create"],
        .workerCrash, ended(by: segfault, in: "create", item: nil)),
    starting(
        "create-exits", create("exit(2);"), ["CREATE": "my_create"], .workerExit,
        called("exit(2)", in: "create", item: nil)),
    starting(
        "create-hangs", create("for (;;) pause();"), ["CREATE": "my_create"], .workerTime,
        outOfTime(in: "create", item: nil)),
]

// The socket to the host.
private let connectionCases: [CorpusCase] = [
    judging("closes-descriptor-3", "close(3);", .workerProtocol, connectionLost),
    judging(
        "closes-everything", "for (int i = 0; i < 1024; i++) close(i);", .workerProtocol,
        connectionLost),
    judging(
        "writes-to-descriptor-3", "if (write(3, \"hello, host, hello\", 18) < 0) exit(9);",
        .workerProtocol,
        "$PLUGIN: rule: q/0: the plugin's process was ended because bytes that do not begin a "
            + "message came instead of an answer to judge; wanted a socket that the plugin leaves "
            + "alone. Report it to the plugin's author: descriptor 3 is the host's. "
            + "[worker.protocol]"),
]

// What the host does not even feel.
private let harmlessCases: [CorpusCase] = [
    judging(
        "prints", "for (int i = 0; i < 5000; i++) printf(\"\\033[31mline %d\\n\", i);", nil, "",
        use: judgeAsSound),
    judging(
        "changes-its-surroundings",
        "if (chdir(\"/\") != 0) exit(1); setenv(\"HOME\", \"/\", 1); clearenv();",
        nil, "", use: judgeAsSound),
    starting(
        "destroy-crashes", "static void my_destroy(void *i) { (void)i; __builtin_trap(); }",
        ["DESTROY": "my_destroy"], nil, "", use: judgeAsSound),
    starting(
        "destroy-hangs", "static void my_destroy(void *i) { (void)i; for (;;) pause(); }",
        ["DESTROY": "my_destroy"], nil, "", use: judgeAsSound),
]

private let segfault = "signal 11 (SIGSEGV: an address that is not its own)"
private let abort = "signal 6 (SIGABRT: abort, such as an exception that nobody caught)"
private let kill =
    "signal 9 (SIGKILL: ended from outside, for instance by the system for lack of memory)"
#if arch(arm64)
    private let trap = "signal 5 (SIGTRAP: a trap, such as a failed precondition)"
#else
    private let trap = "signal 4 (SIGILL: a trap, such as a failed precondition)"
#endif
private let connectionLost =
    "$PLUGIN: rule: q/0: the plugin's process closed its connection to the host in judge; wanted a "
    + "socket that the plugin leaves alone. Report it to the plugin's author: descriptor 3 is the "
    + "host's. [worker.protocol]"

private func place(_ item: String?) -> String { "$PLUGIN: rule: " + (item.map { "\($0): " } ?? "") }

private func ended(
    by signal: String, saying words: String? = nil, in function: String = "judge",
    item: String? = "q/0"
) -> String {
    place(item) + "the plugin's process was ended by \(signal) in \(function)"
        + (words.map { ", saying \"\($0)\"" } ?? "") + "; wanted a function that returns. "
        + "Report it to the plugin's author. [worker.crash]"
}

private func called(
    _ exit: String, in function: String = "judge", item: String? = "q/0"
) -> String {
    place(item) + "the plugin's process called \(exit) in \(function); wanted a function that "
        + "returns. Report it to the plugin's author. [worker.exit]"
}

private func outOfTime(in function: String = "judge", item: String? = "q/0") -> String {
    place(item) + "the plugin's process was ended because \(function) did not return within * s; "
        + "wanted an answer in time. Raise call_limit in the run file if the plugin needs longer, "
        + "or report it to the plugin's author. [worker.time]"
}

private func outOfMemory(_ signal: String) -> String {
    place("q/0") + "the plugin's process was ended by \(signal) in judge, most likely for lack of "
        + "memory: an allocation had failed, and it may take * MiB; wanted a plugin that keeps "
        + "within its memory. Raise memory_mb in the run file if the plugin needs more, or report "
        + "it to the plugin's author. [worker.memory]"
}

/// A case whose rule runs a statement and then judges as a sound one.
private func judging(
    _ name: String, _ statement: String, _ check: PluginCheck?, _ message: String,
    before: String = "", arguments: [String] = [],
    use: @escaping @Sendable (any PluginRuntime) async throws -> Void = judgeOneGroup
) -> CorpusCase {
    let code = """
        \(before)
        static int32_t my_judge(
            void *instance, reflux_call *call, const reflux_group *group,
            const reflux_judgement *out) {
            \(statement)
            return sound_judge(instance, call, group, out);
        }
        """
    return starting(
        name, code, ["JUDGE": "my_judge"], check, message, arguments: arguments, use: use)
}

/// A case with code of its own.
private func starting(
    _ name: String, _ code: String, _ definitions: [String: String], _ check: PluginCheck?,
    _ message: String, arguments: [String] = [],
    use: @escaping @Sendable (any PluginRuntime) async throws -> Void = judgeOneGroup
) -> CorpusCase {
    CorpusCase(
        "isolated/\(name)", stage: .isolated, check: check, message: message,
        make: { folder in
            var plugin = PluginBuilder()
            plugin.code = code
            plugin.definitions = definitions
            plugin.arguments = arguments
            return try plugin.build(in: folder)
        }, use: use)
}

private func create(_ statement: String) -> String {
    """
    static int32_t my_create(
        reflux_call *call, const reflux_creation *creation, void **instance) {
        \(statement)
        return sound_create(call, creation, instance);
    }
    """
}

/// Judges the groups `q/0`, `q/1`, `q/2`.
@Sendable private func judgeThreeGroups(_ runtime: any PluginRuntime) async throws {
    let rule = try runtime.makeRule(ExtensionRequest(extensionID: "rule", name: "rule"))
    for index in 0..<3 { _ = try await rule.judge(sampleGroup("q/\(index)", index: index)) }
}

/// Judges one group and throws unless the judgement is that of the sound rule.
@Sendable public func judgeAsSound(_ runtime: any PluginRuntime) async throws {
    let rule = try runtime.makeRule(ExtensionRequest(extensionID: "rule", name: "rule"))
    let judgement = try await rule.judge(sampleGroup())
    let sound = GroupJudgement(label: "4", verdicts: [.reward(1), .reward(0), .reward(1)])
    guard judgement == sound else {
        throw RefluxError(.broken, found: "\(judgement)", wanted: "\(sound)")
    }
}
