import CKernels
import Foundation
import RefluxCore

/// Cosines and sines of the rotary position embedding for all positions of a context.
final class RotaryTable: @unchecked Sendable {
    /// `[contextLength, headWidth / 2]`
    let cosines: UnsafePointer<Float>
    /// `[contextLength, headWidth / 2]`
    let sines: UnsafePointer<Float>
    private let buffer: UnsafeMutableBufferPointer<Float>

    /// Computes the table; frequencies are `ropeBase^(-2i / headWidth)`, scaled.
    ///
    /// Frequencies and angles are rounded to floats, as the checkpoints' trainers rounded them.
    init(_ configuration: ModelConfiguration) throws {
        let half = configuration.headWidth / 2
        let count = configuration.contextLength * half
        let buffer = try FloatBuffer.allocate(2 * count, for: "the rotary table")
        let frequencies = Self.frequencies(configuration)
        for position in 0..<configuration.contextLength {
            for (i, frequency) in frequencies.enumerated() {
                let angle = Double(Float(position) * frequency)
                buffer[position * half + i] = Float(cos(angle))
                buffer[count + position * half + i] = Float(sin(angle))
            }
        }
        self.buffer = buffer
        let base = UnsafePointer(buffer.baseAddress ?? FloatBuffer.empty)
        cosines = base
        sines = base + count
    }

    /// The frequencies, in radians a token. `[headWidth / 2]`
    static func frequencies(_ configuration: ModelConfiguration) -> [Float] {
        (0..<configuration.headWidth / 2).map {
            let exponent = 2 * Double($0) / Double(configuration.headWidth)
            return configuration.ropeScaling.scaled(
                1 / Float(pow(configuration.ropeBase, exponent)))
        }
    }

    deinit { FloatBuffer.free(buffer) }
}
