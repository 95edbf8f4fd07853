import CRefluxPlugin
import Glibc

/// The memory of one call into a plugin: inputs, of which a copy is kept to see whether they were
/// changed, and output buffers between guard zones, to see whether they were overrun.
///
/// Everything lies there until the arena goes. One thread at a time.
final class CallArena {
    /// What a plugin did to the memory that it was lent.
    enum Damage: Equatable {
        /// It wrote into its inputs.
        case input
        /// It wrote before an output buffer, or behind its end.
        case bounds(buffer: String, before: Bool)
    }

    private struct Chunk {
        let base: UnsafeMutableRawPointer
        var used = 0
        var copy: UnsafeMutableRawPointer?
    }

    private struct Output {
        let name: String
        let base: UnsafeMutableRawPointer
        let bytes: Int
    }

    private static let guardBytes = 256
    private static let alignment = 64
    private static let pattern: [UInt8] = (0..<512).map {
        UInt8(truncatingIfNeeded: $0 &* 37 &+ 165)
    }

    // One thread at a time, and no access inside another: the checks of exclusivity would cost as
    // much as the copying.
    @exclusivity(unchecked) private var chunks: [Chunk] = []
    @exclusivity(unchecked) private var outputs: [Output] = []
    /// Where the last chunk is free, and where it ends.
    @exclusivity(unchecked) private var next: UInt = 0
    @exclusivity(unchecked) private var end: UInt = 0

    deinit {
        for chunk in chunks {
            chunk.base.deallocate()
            chunk.copy?.deallocate()
        }
        for output in outputs { output.base.deallocate() }
    }

    /// Room for bytes, never NULL.
    private func reserve(_ bytes: Int, alignment: Int) -> UnsafeMutableRawPointer {
        let start = (next + UInt(alignment - 1)) & ~UInt(alignment - 1)
        if start + UInt(bytes) <= end, let place = UnsafeMutableRawPointer(bitPattern: start) {
            next = start + UInt(bytes)
            return place
        }
        closeChunk()
        let capacity = max(8192 << min(chunks.count, 8), bytes + 1)
        let base = UnsafeMutableRawPointer.allocate(byteCount: capacity, alignment: 16)
        chunks.append(Chunk(base: base))
        next = UInt(bitPattern: base) + UInt(bytes)
        end = UInt(bitPattern: base) + UInt(capacity)
        return base
    }

    /// Notes how far the last chunk is used.
    private func closeChunk() {
        guard let last = chunks.indices.last else { return }
        chunks[last].used = Int(next - UInt(bitPattern: chunks[last].base))
    }

    /// Puts a struct among the inputs.
    func put<Value>(_ value: Value) -> UnsafePointer<Value> {
        let place = reserve(MemoryLayout<Value>.size, alignment: MemoryLayout<Value>.alignment)
            .bindMemory(to: Value.self, capacity: 1)
        place.initialize(to: value)
        return UnsafePointer(place)
    }

    /// Puts an array among the inputs, in one copy.
    func array<Value>(_ values: [Value]) -> UnsafePointer<Value> {
        values.withUnsafeBytes { bytes in
            let place = reserve(
                bytes.count, alignment: max(16, MemoryLayout<Value>.alignment))
            if let source = bytes.baseAddress { memcpy(place, source, bytes.count) }
            return UnsafePointer(place.bindMemory(to: Value.self, capacity: values.count))
        }
    }

    /// Puts indexes and counts, which are never negative, among the inputs.
    func counts(_ values: [Int]) -> UnsafePointer<UInt64> {
        UnsafeRawPointer(array(values)).assumingMemoryBound(to: UInt64.self)
    }

    /// Puts an array of pointers among the inputs.
    func pointers<Value>(
        count: Int, _ element: (Int) -> UnsafePointer<Value>
    ) -> UnsafePointer<UnsafePointer<Value>?> {
        let place = reserve(
            count * MemoryLayout<UnsafePointer<Value>?>.stride, alignment: 8
        ).bindMemory(to: UnsafePointer<Value>?.self, capacity: count)
        for index in 0..<count { (place + index).initialize(to: element(index)) }
        return UnsafePointer(place)
    }

    /// Puts a text among the inputs.
    func text(_ text: String) -> reflux_string {
        var text = text
        return text.withUTF8 { bytes in
            let place = reserve(bytes.count, alignment: 1)
            if let source = bytes.baseAddress { memcpy(place, source, bytes.count) }
            return reflux_string(
                data: place.assumingMemoryBound(to: CChar.self), length: UInt64(bytes.count))
        }
    }

    /// Puts a text among the inputs, or the absent text.
    func text(_ text: String?) -> reflux_string { text.map { self.text($0) } ?? reflux_string() }

    /// Puts texts among the inputs.
    func texts(_ texts: [String]) -> UnsafePointer<reflux_string>? {
        texts.isEmpty ? nil : array(texts.map { self.text($0) })
    }

    /// Makes an output buffer between guard zones.
    ///
    /// - Parameters:
    ///   - name: its name in errors.
    ///   - count: its elements.
    ///   - filler: what stands in it beforehand.
    /// - Returns: the buffer.
    func output<Value>(
        _ name: String, count: Int, filledWith filler: Value
    ) -> UnsafeMutablePointer<Value> {
        let bytes = count * MemoryLayout<Value>.stride
        let behind = Self.trailing(bytes)
        let base = UnsafeMutableRawPointer.allocate(
            byteCount: Self.guardBytes + bytes + behind, alignment: Self.alignment)
        Self.pattern.withUnsafeBytes { pattern in
            guard let source = pattern.baseAddress else { return }
            memcpy(base, source, Self.guardBytes)
            memcpy(base + Self.guardBytes + bytes, source, behind)
        }
        outputs.append(Output(name: name, base: base, bytes: bytes))
        let values = (base + Self.guardBytes).bindMemory(to: Value.self, capacity: count)
        values.initialize(repeating: filler, count: count)
        return values
    }

    /// The guard zone behind a buffer ends at a multiple of the alignment.
    private static func trailing(_ bytes: Int) -> Int {
        guardBytes + (alignment - bytes % alignment) % alignment
    }

    /// Keeps a copy of the inputs; nothing is put among them afterwards.
    func seal() {
        closeChunk()
        for index in chunks.indices {
            let used = chunks[index].used
            let copy = UnsafeMutableRawPointer.allocate(byteCount: max(used, 1), alignment: 16)
            memcpy(copy, chunks[index].base, used)
            chunks[index].copy = copy
        }
    }

    /// What happened to the memory since ``seal()``.
    func damage() -> Damage? {
        for output in outputs {
            let behind = output.base + Self.guardBytes + output.bytes
            let (before, after) = Self.pattern.withUnsafeBytes { pattern -> (Bool, Bool) in
                guard let source = pattern.baseAddress else { return (false, false) }
                return (
                    memcmp(output.base, source, Self.guardBytes) != 0,
                    memcmp(behind, source, Self.trailing(output.bytes)) != 0
                )
            }
            if before || after { return .bounds(buffer: output.name, before: before) }
        }
        for chunk in chunks {
            if let copy = chunk.copy, memcmp(copy, chunk.base, chunk.used) != 0 { return .input }
        }
        return nil
    }
}
