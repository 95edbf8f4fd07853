import CRefluxPlugin
import Testing

@testable import RefluxPluginHost

@Suite("The memory of a call")
struct AdapterArenaTests {
    @Test("inputs of any size lie there aligned and as they were")
    func inputs() {
        let arena = CallArena()
        let texts = (0..<300).map { String(repeating: "ä", count: $0 * 7) }
        let packed = texts.map { arena.text($0) }
        let floats = arena.array((0..<5000).map { Float($0) })
        let none = arena.array([Float]())
        let pointers = arena.pointers(count: 2) { _ in arena.put(UInt64(7)) }
        arena.seal()
        for (text, raw) in zip(texts, packed) {
            let bytes = UnsafeRawBufferPointer(start: raw.data, count: Int(raw.length))
            #expect(raw.data != nil)
            #expect(String(decoding: bytes, as: UTF8.self) == text)
        }
        #expect(floats[4999] == 4999)
        #expect(UInt(bitPattern: floats) % 16 == 0)
        #expect(UInt(bitPattern: none) != 0)
        #expect(pointers[1]?.pointee == 7)
        #expect(arena.text(String?.none).data == nil)
        #expect(arena.damage() == nil)
    }

    @Test("a changed byte of the inputs is seen, whichever it is", arguments: [0, 9, 100_000])
    func changedInput(byte: Int) {
        let arena = CallArena()
        let bytes = arena.array([UInt8](repeating: 1, count: 100_001))
        _ = arena.text("behind")
        arena.seal()
        UnsafeMutablePointer(mutating: bytes)[byte] = 2
        #expect(arena.damage() == .input)
        UnsafeMutablePointer(mutating: bytes)[byte] = 1
        #expect(arena.damage() == nil)
    }

    @Test(
        "a byte written outside an output is seen, up to 256 bytes away",
        arguments: [-256, -1, 0, 255], [0, 1, 3, 64])
    func outside(distance: Int, count: Int) {
        let arena = CallArena()
        let first = arena.output("first", count: 4, filledWith: 0.5)
        let buffer = arena.output("second", count: count, filledWith: UInt8(9))
        arena.seal()
        for index in 0..<count { buffer[index] = 1 }
        first[3] = 1
        #expect(arena.damage() == nil)
        #expect(UInt(bitPattern: buffer) % 64 == 0)
        let place = distance < 0 ? distance : count + distance
        buffer[place] ^= 1
        #expect(arena.damage() == .bounds(buffer: "second", before: distance < 0))
    }
}
