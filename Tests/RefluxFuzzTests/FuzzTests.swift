import RefluxFuzz
import Testing

/// A small run of every target; `make fuzz` gives each a million inputs.
struct FuzzTests {
    @Test("no input breaks a reader", arguments: FuzzTargets.all.map(\.name))
    func clean(name: String) throws {
        let target = try make(name)
        var found: [FuzzLoop.Finding] = []
        try FuzzLoop(target, seed: 17).run(0..<3000) { finding in
            found.append(finding)
            return found.count < 5
        }
        #expect(found.isEmpty, "\(found)")
    }

    @Test("inputs depend on seed and index alone", arguments: FuzzTargets.all.map(\.name))
    func reproducible(name: String) throws {
        let first = FuzzInputs(try make(name), seed: 3)
        let second = FuzzInputs(try make(name), seed: 3)
        let other = FuzzInputs(try make(name), seed: 4)
        let range = 500..<700
        #expect(range.reversed().map { second[$0] } == range.map { first[$0] }.reversed())
        #expect(range.count { other[$0] != first[$0] } > 150)
        #expect(Set(range.map { first[$0] }).count > 150)
    }

    @Test("a property that an input breaks is found") func finds() throws {
        let target = FuzzTarget(name: "fragile", seeds: [Array("mild".utf8)], words: ["wild"]) {
            if String(decoding: $0, as: UTF8.self).contains("wild") { throw FuzzFinding("wild") }
        }
        var found: [Int] = []
        try FuzzLoop(target, seed: 1).run(0..<200) {
            found.append($0.index)
            return found.count < 3
        }
        #expect(found.count == 3)
    }

    @Test("quadratic time is found and linear time is not") func growth() throws {
        let target = FuzzTarget(
            name: "slow", seeds: [[]],
            timed: [
                ("linear", { _ = $0.reduce(0) { $0 &+ Int($1) } }),
                (
                    "quadratic",
                    { input in
                        var sum = 0
                        for start in stride(from: 0, to: input.count, by: 16) {
                            sum = input[start...].reduce(sum) { $0 &+ Int($1) }
                        }
                        #expect(sum >= 0)
                    }
                ),
            ], shapes: [FuzzShape(repeating: "ab")]
        ) { _ in }
        let rows = try FuzzScaling(target, largest: 1 << 17).rows()
        #expect(rows.first { $0.reader == "linear" }?.fault == nil)
        #expect(rows.first { $0.reader == "quadratic" }?.fault != nil)
    }

    private func make(_ name: String) throws -> FuzzTarget {
        let entry = try #require(FuzzTargets.all.first { $0.name == name })
        return try entry.make(nil)
    }
}
