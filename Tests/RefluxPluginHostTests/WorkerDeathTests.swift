import Foundation
import RefluxCore
import RefluxTesting
import Testing

@testable import RefluxPluginHost

@Suite("Deaths of worker processes", .serialized)
struct WorkerDeathTests {
    private func group(_ id: String) -> ResponseGroup {
        var group = PseudoRewardRuleConformance.group(["1", "1", "2"])
        group.prompt.id = id
        return group
    }

    @Test("a trap names what was worked on and what was said; the next call has a new process")
    func trap() async throws {
        let rule = try WorkerFixtures.doubles().makeRule(WorkerFixtures.request("trap"))
        #expect(try await rule.judge(group("good")).label == "1")
        let text = await WorkerFixtures.text { _ = try await rule.judge(group("bad")) }
        #expect(text.hasPrefix("/somewhere/doubles: trap: bad: the plugin's process was ended by "))
        #expect(text.contains("a bad prompt"))
        #expect(text.hasSuffix("Report it to the plugin's author. [worker.crash]"))
        #expect(try await rule.judge(group("good")).label == "1")
    }

    @Test("after the third death every call fails at once, and other plugins go on")
    func threeDeaths() async throws {
        let plugin = WorkerFixtures.doubles()
        let rule = try plugin.makeRule(WorkerFixtures.request("trap"))
        for _ in 0..<3 { _ = await WorkerFixtures.text { _ = try await rule.judge(group("bad")) } }
        let text = await WorkerFixtures.text { _ = try await rule.judge(group("good")) }
        #expect(text.contains("have died 3 times, and no other is started; the last time the plug"))
        #expect(text.hasSuffix("[worker.crash]"))
        #expect(throws: RefluxError.self) { try plugin.makeTask(WorkerFixtures.request("tiny")) }
        let other = try WorkerFixtures.doubles().makeRule(WorkerFixtures.request("gold"))
        #expect(try await other.judge(group("good")).label == "1")
    }

    @Test("a call that takes too long is ended, the process with it")
    func time() async throws {
        let plugin = WorkerFixtures.doubles(options: WorkerFixtures.options(call: .seconds(1)))
        let rule = try plugin.makeRule(WorkerFixtures.request("hangs"))
        let start = ContinuousClock.now
        let text = await WorkerFixtures.text { _ = try await rule.judge(group("bad")) }
        #expect(ContinuousClock.now - start < .seconds(10))
        #expect(
            text == "/somewhere/doubles: hangs: bad: the plugin's process was ended because judge "
                + "did not return within 1 s; wanted an answer in time. Raise call_limit in the run "
                + "file if the plugin needs longer, or report it to the plugin's author. "
                + "[worker.time]")
        #expect(try await rule.judge(group("good")).label == "1")
    }

    @Test("a cancelled call lets the plugin stop, and ends it when it does not")
    func cancellation() async throws {
        let lines = Lines()
        let teacher = try WorkerFixtures.doubles().makeTeacher(WorkerFixtures.request("patient"))
        let plan = SamplingPlan(
            samplesPerTemperature: 1, temperatures: [1], settings: SamplingSettings(), seed: 1)
        let observer = RunObserver(
            progress: { done, _, _ in lines.add("step \(done)") }, note: { lines.add($0) })
        let call = Task { try await teacher.respond(to: [], plan: plan, observer: observer) }
        _ = await lines.wait(for: "step 5")
        call.cancel()
        await #expect(throws: CancellationError.self) { try await call.value }
        #expect(lines.all.last == "cancelled\u{FFFD}")

        let rule = try WorkerFixtures.doubles().makeRule(WorkerFixtures.request("hangs"))
        let hanging = Task { try await rule.judge(group("bad")) }
        try await Task.sleep(for: .milliseconds(200))
        hanging.cancel()
        let start = ContinuousClock.now
        await #expect(throws: CancellationError.self) { try await hanging.value }
        #expect(ContinuousClock.now - start < .seconds(10))
        for _ in 0..<4 { #expect(try await rule.judge(group("good")).label == "1") }
    }

    @Test("a reward model says that it lost what it had learnt")
    func lostState() async throws {
        let model = try WorkerFixtures.doubles().makeRewardModel(WorkerFixtures.request("means"))
        let bad = ScoringItem(
            prompt: Prompt(id: "p", index: 0, content: .text("Q")), text: "bad")
        try await model.fit(WorkerPartsTests.training, checkpoint: nil, observer: .silent)
        let crash = await WorkerFixtures.text { _ = try await model.score([bad]) }
        #expect(crash.contains("in score, saying \"") && crash.hasSuffix("[worker.crash]"))
        let lost = await WorkerFixtures.text { _ = try await model.score([]) }
        #expect(
            lost == "/somewhere/doubles: means: the reward model has lost what it had learnt, "
                + "because its process died before; wanted a reward model that has learnt. "
                + "Report it to the plugin's author. [worker.crash]")
        try await model.fit(WorkerPartsTests.training, checkpoint: nil, observer: .silent)
        #expect(try await model.score([]).isEmpty)
    }

    @Test(
        "a program that is no worker cannot be started",
        arguments: [
            ("/nowhere/reflux", "/nowhere/reflux: No such file or directory"),
            ("/bin/true", "it called exit(0) before it said anything"),
            ("/bin/sh", "it called exit(*) before it said anything*"),
        ])
    func start(program: String, reason: String) async throws {
        var options = WorkerFixtures.options()
        options.executable = program
        let plugin = WorkerFixtures.doubles(options: options)
        let text = await WorkerFixtures.text {
            _ = try plugin.makeRule(WorkerFixtures.request("gold"))
        }
        let parts = reason.split(separator: "*").map(String.init)
        let first = "the plugin's process could not be started: \(parts[0])"
        #expect(text.hasPrefix("/somewhere/doubles: gold: \(first)"))
        #expect(text.hasSuffix("[worker.start]"))
    }

    @Test("a call that is cancelled while it waits leaves the process alone")
    func cancelledWhileWaiting() async throws {
        let rule = try WorkerFixtures.doubles().makeRule(WorkerFixtures.request("slow-process"))
        let first = Task { try await rule.judge(group("good")).label }
        try await Task.sleep(for: .milliseconds(100))
        let second = Task { try await rule.judge(group("good")).label }
        second.cancel()
        await #expect(throws: CancellationError.self) { try await second.value }
        #expect(try await first.value == rule.judge(group("good")).label)
    }

    @Test("a worker ends when its host was killed, whatever its plugin does")
    func orphans() async throws {
        let host = Process()
        host.executableURL = URL(fileURLWithPath: WorkerFixtures.executable)
        host.arguments = ["host"]
        let pipe = Pipe()
        host.standardOutput = pipe
        try host.run()
        let line = String(decoding: pipe.fileHandleForReading.availableData, as: UTF8.self)
        let worker = "/proc/\(line.split { !$0.isNumber }.first ?? "0")"
        #expect(FileManager.default.fileExists(atPath: worker))
        kill(host.processIdentifier, SIGKILL)
        host.waitUntilExit()
        for _ in 0..<200 where FileManager.default.fileExists(atPath: worker) {
            try await Task.sleep(for: .milliseconds(50))
        }
        #expect(!FileManager.default.fileExists(atPath: worker))
    }

    @Test("what a worker is given never lies where it has to go")
    func descriptors() throws {
        let words = try #require(LastWords())
        let sockets = try #require(WorkerSystem.socketPair())
        let pipe = try #require(WorkerSystem.outputPipe())
        let all = [words.descriptor, sockets.host, sockets.worker, pipe.host, pipe.worker]
        #expect(all.allSatisfy { $0 >= WorkerSystem.lowestDescriptor })
        all.dropFirst().forEach(WorkerSystem.close)
    }

    @Test("no worker outlives its part")
    func noOrphans() async throws {
        var rule: (any PseudoRewardRule)? = try WorkerFixtures.doubles().makeRule(
            WorkerFixtures.request("process"))
        let process = try #require(try await rule?.judge(group("good")).label)
        #expect(FileManager.default.fileExists(atPath: "/proc/\(process)"))
        rule = nil
        for _ in 0..<100 where FileManager.default.fileExists(atPath: "/proc/\(process)") {
            try await Task.sleep(for: .milliseconds(50))
        }
        #expect(!FileManager.default.fileExists(atPath: "/proc/\(process)"))
    }
}
