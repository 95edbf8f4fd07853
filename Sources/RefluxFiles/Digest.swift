import COpenSSL
public import Foundation
import RefluxCore

// Every call to libcrypto stands in this file.

extension Files {
    /// The SHA-256 of a file (FIPS 180-4) in lower-case hexadecimal. The file is streamed.
    ///
    /// - Throws: `RefluxError` naming the path when the file is missing or unreadable.
    public static func sha256(ofFile path: String) throws -> String {
        var source = try FileBytes(expand(path))
        let digest = Digest()
        while let chunk = try source.next() { digest.update(chunk) }
        return digest.hexadecimal()
    }

    /// The name that git gives a file's content: the SHA-1 of `blob SIZE`, a zero byte and the
    /// content, in lower-case hexadecimal. The file is streamed.
    ///
    /// - Throws: `RefluxError` naming the path when the file is missing or unreadable.
    public static func gitBlobName(ofFile path: String) throws -> String {
        let size = try size(ofFile: path)
        var source = try FileBytes(expand(path))
        let digest = Digest(EVP_sha1())
        digest.update(Data("blob \(size)\0".utf8))
        while let chunk = try source.next() { digest.update(chunk) }
        return digest.hexadecimal()
    }

    /// The SHA-256 of bytes (FIPS 180-4) in lower-case hexadecimal.
    public static func sha256(of data: Data) -> String {
        let digest = Digest()
        digest.update(data)
        return digest.hexadecimal()
    }
}

/// A running hash. libcrypto's default provider always has SHA-256 and SHA-1, so the calls, which
/// can fail only for a missing algorithm or for exhausted memory, are not checked one by one: a
/// digest that could not be made is empty.
private struct Digest: ~Copyable {
    private let context = EVP_MD_CTX_new()

    init(_ algorithm: OpaquePointer? = EVP_sha256()) {
        EVP_DigestInit_ex(context, algorithm, nil)
    }

    deinit { EVP_MD_CTX_free(context) }

    func update(_ bytes: some ContiguousBytes) {
        _ = bytes.withUnsafeBytes { EVP_DigestUpdate(context, $0.baseAddress, $0.count) }
    }

    func hexadecimal() -> String {
        var bytes = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
        var count: UInt32 = 0
        EVP_DigestFinal_ex(context, &bytes, &count)
        let digits = Array("0123456789abcdef".utf8)
        let text = bytes.prefix(Int(count)).flatMap {
            [digits[Int($0 >> 4)], digits[Int($0 & 15)]]
        }
        return String(decoding: text, as: UTF8.self)
    }
}
