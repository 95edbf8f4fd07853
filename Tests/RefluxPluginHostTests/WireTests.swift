import RefluxCore
import Testing

@testable import RefluxPluginHost

@Suite("The wire to worker processes")
struct WireTests {
    @Test("carries every value without losing a bit", arguments: 0..<50)
    func roundTrips(seed: UInt64) throws {
        var values = WireValues(seed: seed)
        for value in values.frames() { try checkRoundTrip(value) }
    }

    private func checkRoundTrip<T: WireCodable>(_ value: T) throws {
        let bytes = encoded(value)
        var reader = WireReader(bytes)
        let back = try reader.whole(T.self)
        // Tables have no order, so the bytes are compared by what they hold.
        #expect(encoded(back).sorted() == bytes.sorted(), "\(T.self)")
        #expect(bits(back) == bits(value), "\(T.self)")
    }

    /// A text that tells all values apart, NaNs by their bits.
    private func bits(_ value: Any) -> String {
        switch value {
        case let number as Double: return "\(number.bitPattern)"
        case let number as Float: return "\(number.bitPattern)"
        case let table as [String: Double]:
            return "\(table.map { "\($0.key.utf8.map(\.self)):\($0.value.bitPattern)" }.sorted())"
        case let table as [String: Bool]: return "\(table.sorted { $0.key < $1.key })"
        case let text as String: return "\(Array(text.utf8))"
        default:
            let mirror = Mirror(reflecting: value)
            guard !mirror.children.isEmpty else { return "\(value)" }
            return
                "\(name(mirror))(\(mirror.children.map { bits($0.value) }.joined(separator: ",")))"
        }
    }

    private func name(_ mirror: Mirror) -> String {
        mirror.displayStyle == .enum ? (mirror.children.first?.label ?? "") : ""
    }

    private func encoded(_ value: some WireCodable) -> [UInt8] {
        var writer = WireWriter()
        writer.write(value)
        return writer.bytes
    }

    @Test("survives mutated frames: each is read, refused or waited for")
    func mutations() {
        var random = RandomKey(seed: 5, stage: .reinforce).stream
        var refused = 0
        for round in 0..<5600 {
            var values = WireValues(seed: UInt64(round % 40))
            for value in values.frames() {
                var bytes = encoded(value)
                for _ in 0..<Int.random(in: 1...4, using: &random) {
                    mutate(&bytes, with: &random)
                }
                if !reads(bytes, like: value) { refused += 1 }
            }
        }
        #expect(refused > 40_000 && refused < 5600 * 18)
    }

    private func mutate(_ bytes: inout [UInt8], with random: inout RandomStream) {
        guard !bytes.isEmpty else { return }
        let place = Int.random(in: 0..<bytes.count, using: &random)
        switch Int.random(in: 0..<5, using: &random) {
        case 0: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        case 1: bytes[place] = UInt8.random(in: 0...255, using: &random)
        case 2: bytes.removeSubrange(place...)
        case 3: bytes.replaceSubrange(place..., with: [UInt8](repeating: 0xff, count: 12))
        default: bytes.append(contentsOf: bytes[place...].prefix(16))
        }
    }

    private func reads<T: WireCodable>(_ bytes: [UInt8], like _: T) -> Bool {
        var reader = WireReader(bytes)
        return (try? reader.whole(T.self)) != nil
    }

    @Test("cuts a stream into frames wherever it is broken, and refuses what is none")
    func frames() throws {
        var writer = WireWriter()
        writer.begin(.reply, code: 0, sequence: 9)
        writer.write("hello")
        let isShort = writer.end()
        #expect(isShort)
        let stream = writer.bytes + writer.bytes
        var buffer = FrameBuffer()
        var texts: [String] = []
        for byte in stream {
            _ = buffer.fill { bytes, offset in
                bytes[offset] = byte
                return 1
            }
            while var frame = try buffer.next() {
                #expect(frame.kind == .reply && frame.sequence == 9)
                texts.append(try frame.payload.read(String.self))
            }
        }
        #expect(texts == ["hello", "hello"])

        var random = RandomKey(seed: 6, stage: .reinforce).stream
        for _ in 0..<20_000 {
            var bytes = stream
            for _ in 0..<3 { mutate(&bytes, with: &random) }
            var buffer = FrameBuffer()
            _ = buffer.fill { target, offset in
                target.replaceSubrange(offset..<offset + bytes.count, with: bytes)
                return bytes.count
            }
            // Either ends: no frame more, or an error.
            while let frame = try? buffer.next() { _ = frame.kind }
        }
    }

    @Test("announced lengths reserve nothing", arguments: [8, 40])
    func lengths(bytesThere: Int) {
        var writer = WireWriter()
        writer.write(UInt64.max)
        for _ in 8..<bytesThere { writer.write(UInt8(0)) }
        let reader = WireReader(writer.bytes)
        func refuses(_ body: (inout WireReader) throws(WireError) -> Void) -> Bool {
            var reader = reader
            do throws(WireError) { try body(&reader) } catch { return true }
            return false
        }
        #expect(refuses { reader throws(WireError) in _ = try reader.read(String.self) })
        #expect(refuses { reader throws(WireError) in _ = try reader.read(numbers: Double.self) })
        #expect(refuses { reader throws(WireError) in _ = try reader.array(of: Response.self) })
        #expect(refuses { reader throws(WireError) in _ = try reader.table() })
    }
}
