import RefluxCore
import Testing

/// Where teachers draw their random numbers.
struct RandomSourceTests {
    @Test func theStepIsTheHashOfTheName() {
        // The test vectors of the authors (FNV-1a, 32 bits).
        #expect(RandomKey.step(ofSource: "") == 0x811c_9dc5)
        #expect(RandomKey.step(ofSource: "a") == 0xe40c_292c)
        #expect(RandomKey.step(ofSource: "foobar") == 0xbf9c_f968)
    }

    @Test func namesWithOneHashShareNumbers() {
        // A known pair of words with the same hash.
        #expect(RandomKey.share(("costarring", 1), ("liquid", 1)))
        #expect(RandomKey.share(("a", 4), ("a", 1)))
        #expect(!RandomKey.share(("a", 1000), ("foobar", 1000)))
    }

    @Test(arguments: 0..<500)
    func neighbouringHashesShareNumbersWhereTheirTemperaturesReach(index: Int) {
        let (one, other) = ("teacher \(index)", "teacher \(index + 1)")
        let steps = [one, other].map { UInt32(RandomKey.step(ofSource: $0)) }
        let forward = Int(steps[1] &- steps[0])
        let backward = Int(steps[0] &- steps[1])
        #expect(RandomKey.share((one, forward + 1), (other, 1)))
        #expect(RandomKey.share((one, 1), (other, backward + 1)))
        #expect(!RandomKey.share((one, min(forward, 1000)), (other, min(backward, 1000))))
    }
}
