import RefluxCore

/// The section `run`.
struct RunSettings: Sendable {
    /// The name of the run and of its folder.
    let name: String
    /// The seed from which every random number of the run follows.
    let seed: UInt64

    /// Reads the section.
    init(_ reader: ConfigurationReader) throws {
        name = try reader.requiredString("name", meaning: "the name of the run and of its folder")
        guard Self.isFolderName(name) else {
            throw reader.wrong(
                "name", wanted: "a name of letters, digits, \".\", \"_\" and \"-\"",
                remedy: "The name becomes a folder; --runs says where run folders go.")
        }
        seed = UInt64(try reader.int("seed", default: 17))
    }

    /// Whether a name can be a folder's: no separators, no leading dot, not too long.
    static func isFolderName(_ name: String) -> Bool {
        !name.isEmpty && name.utf8.count <= 128 && !name.hasPrefix(".") && !name.hasPrefix("-")
            && name.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"),
                    UInt8(ascii: "-"):
                    true
                default: false
                }
            }
    }
}
