import RefluxCore
import Testing

@testable import RefluxEngine

/// The memory of passes.
@Suite struct ArenaTests {
    @Test func piecesAreApartAndAligned() throws {
        var arena = Arena()
        let pieces = try [1, 16, 17, 0, 1 << 20].map { try arena.floats($0) }
        for (piece, next) in zip(pieces, pieces.dropFirst()) { #expect(next - piece >= 16) }
        #expect(pieces[3] - pieces[2] == 32)
        #expect(pieces.allSatisfy { Int(bitPattern: $0) % 64 == 0 })
    }

    /// A long pass after many short ones takes the same memory, not more beside it.
    @Test func passesOfAnySizeShareTheirMemory() throws {
        var arena = Arena()
        let first = try arena.floats(100)
        first[99] = 5
        for size in [1 << 10, 1 << 22, 3, 1 << 24, 1 << 23] {
            arena.reset()
            let (a, b) = (try arena.floats(size), try arena.floats(size))
            #expect(a == first && b - a == max(16, (size + 15) / 16 * 16))
        }
    }

    @Test(arguments: [Int.max, 1 << 50]) func moreThanTheMachineHasIsAnError(_ count: Int) throws {
        var arena = Arena()
        let first = try arena.floats(8)
        do {
            _ = try arena.floats(count)
            Issue.record("\(count) floats were given")
        } catch let error as RefluxError {
            #expect(error.kind == .system && error.description.contains("activations"))
        }
        first[0] = 1
        #expect(try arena.floats(8) == first + 16)
    }
}
