/// The codes of the header, which writes them with INT32_C, so that Swift does not import them. A test
/// compares them with the header.
package enum Code {
    package static let ok: Int32 = 0
    package static let error: Int32 = 1
    package static let cancelled: Int32 = 2
    package static let unsupported: Int32 = 3
    package static let outOfMemory: Int32 = 4

    package static let speakerSystem: Int32 = 0
    package static let speakerUser: Int32 = 1
    package static let speakerAssistant: Int32 = 2

    package static let roleTeacher: Int32 = 0
    package static let roleStudent: Int32 = 1

    package static let finishStop: Int32 = 0
    package static let finishLength: Int32 = 1
    package static let finishUnknown: Int32 = 2

    package static let splitTrain: Int32 = 0
    package static let splitTest: Int32 = 1
    package static let splitValidation: Int32 = 2

    package static let concurrencySerial: Int32 = 0
    package static let concurrencyParallel: Int32 = 1

    package static let stabilityExperimental: Int32 = 0
    package static let stabilityStable: Int32 = 1

    package static let pluginMagic: UInt64 = 0x5245_464C_5558_5031
}
