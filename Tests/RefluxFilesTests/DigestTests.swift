import Foundation
import RefluxFiles
import Testing

/// The digests are NIST's examples for SHA-256 (FIPS 180-4 and the CAVP's long message).
@Suite struct DigestTests {
    @Test(arguments: [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
    ])
    func knownDigests(text: String, digest: String) {
        #expect(Files.sha256(of: Data(text.utf8)) == digest)
    }

    @Test func filesAreStreamed() throws {
        try withTemporaryFolder { folder in
            let million = Data(repeating: UInt8(ascii: "a"), count: 1_000_000)
            try Files.writeAtomically(million, to: folder + "/a")
            let digest = "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
            #expect(try Files.sha256(ofFile: folder + "/a") == digest)
            // Longer than one chunk: the same as in one piece.
            let long = Data(repeating: UInt8(ascii: "b"), count: 2_500_000)
            try Files.writeAtomically(long, to: folder + "/b")
            #expect(try Files.sha256(ofFile: folder + "/b") == Files.sha256(of: long))
        }
    }
}
