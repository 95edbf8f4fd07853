import Foundation
import Testing

@testable import RefluxPluginKit

@Suite("Codes") struct CodesTests {
    @Test(
        "the codes of Swift are those of the header",
        arguments: [
            ("OK", Code.ok), ("ERROR", Code.error), ("CANCELLED", Code.cancelled),
            ("UNSUPPORTED", Code.unsupported), ("OUT_OF_MEMORY", Code.outOfMemory),
            ("SPEAKER_SYSTEM", Code.speakerSystem), ("SPEAKER_USER", Code.speakerUser),
            ("SPEAKER_ASSISTANT", Code.speakerAssistant), ("ROLE_TEACHER", Code.roleTeacher),
            ("ROLE_STUDENT", Code.roleStudent), ("FINISH_STOP", Code.finishStop),
            ("FINISH_LENGTH", Code.finishLength), ("FINISH_UNKNOWN", Code.finishUnknown),
            ("SPLIT_TRAIN", Code.splitTrain), ("SPLIT_TEST", Code.splitTest),
            ("SPLIT_VALIDATION", Code.splitValidation),
            ("CONCURRENCY_SERIAL", Code.concurrencySerial),
            ("CONCURRENCY_PARALLEL", Code.concurrencyParallel),
            ("STABILITY_EXPERIMENTAL", Code.stabilityExperimental),
            ("STABILITY_STABLE", Code.stabilityStable),
        ])
    func codes(_ name: String, _ value: Int32) throws {
        let header = try Self.header()
        #expect(header.contains("#define REFLUX_\(name) INT32_C(\(value))\n"))
    }

    @Test("the magic number is that of the header")
    func magic() throws {
        let digits = String(Code.pluginMagic, radix: 16, uppercase: true)
        #expect(try Self.header().contains("#define REFLUX_PLUGIN_MAGIC UINT64_C(0x\(digits))\n"))
    }

    private static func header() throws -> String {
        let folder = URL(filePath: #filePath).appending(
            path: "../../../Sources/CRefluxPlugin/include/reflux"
        ).standardized
        return try FileManager.default.contentsOfDirectory(
            at: folder, includingPropertiesForKeys: nil
        )
        .map { try String(contentsOf: $0, encoding: .utf8) }.joined(separator: "\n")
    }
}
