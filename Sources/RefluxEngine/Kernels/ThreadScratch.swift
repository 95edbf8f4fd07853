import CKernels

/// Scratch memory of the calling thread, kept between calls.
///
/// A slot's memory stays valid until the same thread asks for the same slot again. Uses that may be
/// nested have slots of their own.
enum ThreadScratch: Int32 {
    /// A factor of a product, converted or padded.
    case operand
    /// Rows normalised or otherwise prepared for a product.
    case rows
    /// The gate and up rows of a feed-forward.
    case gateUp
    /// Gradients on their way through a layer.
    case gradient
    /// Attention scores, and single-token attention.
    case attention
    /// Logits.
    case logits
    /// Anything that only the generator uses.
    case generation
    /// The inner factors of an adapter.
    case adapter
    /// What an adapter's dropout leaves of its input.
    case dropout
    /// What a product of the own kernels holds of its factors.
    case product

    /// Scratch for one product of the own kernels.
    static var forProduct: UnsafeMutableRawPointer { product.bytes(reflux_multiply_scratch()) }

    /// Memory of `count` floats, aligned to 64 bytes, with arbitrary contents.
    func floats(_ count: Int) -> UnsafeMutablePointer<Float> {
        bytes(count * MemoryLayout<Float>.stride).assumingMemoryBound(to: Float.self)
    }

    /// Memory of `count` bytes, aligned to 64, with arbitrary contents.
    func bytes(_ count: Int) -> UnsafeMutableRawPointer {
        reflux_thread_scratch(rawValue, count)
    }
}
