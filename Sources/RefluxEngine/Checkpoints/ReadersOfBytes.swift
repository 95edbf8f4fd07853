import Foundation
import RefluxCore

/// The readers of files that others wrote, on bytes alone: what the fuzz targets call.
package enum ReadersOfBytes {
    /// Reads a safetensors file's header, and checks that its tensors lie inside the file.
    ///
    /// - Returns: the number of tensors.
    /// - Throws: ``RefluxError`` of kind `input`.
    package static func safetensors(_ bytes: [UInt8]) throws -> Int {
        let header = try SafetensorsHeader(file: bytes, path: "f")
        for (name, tensor) in header.tensors {
            guard tensor.bytes.lowerBound >= 8, tensor.bytes.upperBound <= bytes.count else {
                throw RefluxError(.internalFault, found: "\(name) lies outside the file")
            }
        }
        return header.tensors.count
    }

    /// Reads all of a GGUF file but its weights: header, configuration and tokenizer; converts the
    /// blocks of its tensors.
    ///
    /// - Returns: the number of tensors.
    /// - Throws: ``RefluxError`` of kind `input`.
    package static func gguf(_ bytes: [UInt8]) throws -> Int {
        let header = try GGUFHeader(bytes, fileSize: bytes.count, path: "f")
        for tensor in header.tensors.values {
            var values = [Float](repeating: 0, count: tensor.count)
            values.withUnsafeMutableBufferPointer { values in
                bytes[tensor.bytes].withUnsafeBytes { tensor.type.convert($0, to: values) }
            }
        }
        let configuration = try? GGUFConfiguration(header, path: "f").configuration(factors: nil)
        if let configuration { _ = ParameterLayout(configuration).count }
        _ = try BytePairTokenizer(try GGUFTokenizer(header, path: "f").file, path: "f")
        return header.tensors.count
    }

    /// Reads a `tokenizer.json` and lets the tokenizer encode a text and decode it.
    ///
    /// - Returns: the text after both ways.
    /// - Throws: ``RefluxError`` of kind `input`.
    package static func tokenizer(_ bytes: [UInt8], text: String) throws -> String {
        let file = try TokenizerFile.decode(Data(bytes), path: "f")
        let tokenizer = try BytePairTokenizer(file, path: "f")
        let ids = tokenizer.encode(text, parseSpecial: true)
        return tokenizer.decode(ids, skipSpecial: false)
    }
}
