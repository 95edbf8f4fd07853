import CKernels
import RefluxCore

/// Large zeroed arrays of floats outside Swift's heap.
enum FloatBuffer {
    /// A valid address for arrays without elements.
    static var empty: UnsafeMutablePointer<Float> { ThreadScratch.operand.floats(16) }

    /// Allocates zeros, aligned to 64 bytes.
    ///
    /// - Throws: ``RefluxError`` of kind `system` that says what the memory was for.
    static func allocate(
        _ count: Int, for purpose: String
    ) throws -> UnsafeMutableBufferPointer<Float> {
        let bytes = count.multipliedReportingOverflow(by: MemoryLayout<Float>.stride)
        guard !bytes.overflow, bytes.partialValue >= 0,
            let memory = reflux_allocate(bytes.partialValue)
        else {
            throw RefluxError(
                .system, found: "no memory for \(count) floats: \(purpose)",
                remedy: "Free memory, or take a smaller model or batch.")
        }
        return UnsafeMutableBufferPointer(
            start: memory.bindMemory(to: Float.self, capacity: max(1, count)), count: count)
    }

    /// Addresses for as many zeros as the machine has memory for, which take memory when they are
    /// first written.
    ///
    /// - Throws: ``RefluxError`` of kind `system` that says what the memory was for.
    static func reserve(for purpose: String) throws -> UnsafeMutableBufferPointer<Float> {
        var bytes = 0
        guard let memory = reflux_reserve(&bytes) else {
            throw RefluxError(
                .system, found: "no addresses for \(purpose)",
                remedy: "Raise the limit of the address space (ulimit -v).")
        }
        let count = bytes / MemoryLayout<Float>.stride
        return UnsafeMutableBufferPointer(
            start: memory.bindMemory(to: Float.self, capacity: count), count: count)
    }

    /// Frees an array.
    static func free(_ buffer: UnsafeMutableBufferPointer<Float>) {
        reflux_free(buffer.baseAddress, buffer.count * MemoryLayout<Float>.stride)
    }
}
