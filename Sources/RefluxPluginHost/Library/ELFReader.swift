/// Reads from bytes of a file that may be anything: every access is checked, nothing traps.
struct ByteReader {
    /// The bytes of the whole file.
    let bytes: [UInt8]

    /// A little-endian number of `size` bytes; `nil` beyond the end.
    func number(at offset: UInt64, size: Int) -> UInt64? {
        guard contains(offset, UInt64(size)) else { return nil }
        let start = Int(offset)
        return bytes[start..<start + size].reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// Whether a range lies within the file.
    func contains(_ offset: UInt64, _ size: UInt64) -> Bool {
        let (end, overflow) = offset.addingReportingOverflow(size)
        return !overflow && end <= UInt64(bytes.count)
    }

    /// Whether the bytes at an offset are a text and the NUL behind it.
    func hasText(_ text: String, at offset: UInt64) -> Bool {
        let wanted = Array(text.utf8) + [0]
        guard contains(offset, UInt64(wanted.count)) else { return false }
        return bytes[Int(offset)..<Int(offset) + wanted.count].elementsEqual(wanted)
    }
}

/// The header and the segments of a 64-bit little-endian ELF file (System V gABI, chapters 4 and 5;
/// the constants are those of `<elf.h>`).
struct ELFReader {
    /// Why a file is no whole shared library, in words.
    struct Fault: Error, Equatable {
        /// What was found.
        var found: String

        static let truncated = Fault(found: "a truncated file")
    }

    /// A program header.
    struct Segment {
        var type: UInt64
        var offset: UInt64
        var address: UInt64
        var fileSize: UInt64
        var memorySize: UInt64
    }

    /// The file.
    let file: ByteReader
    /// `EM_X86_64` and so on.
    let machine: UInt64
    /// The program headers.
    let segments: [Segment]

    /// Reads the header and the program headers of a shared object, and sees that they and all that they name are in
    /// the file.
    init(_ bytes: [UInt8]) throws(Fault) {
        file = ByteReader(bytes: bytes)
        guard bytes.starts(with: [0x7F, 0x45, 0x4C, 0x46]) else {
            throw Fault(found: "a file that does not begin as ELF files do")
        }
        guard bytes.count >= 64 else { throw .truncated }
        guard bytes[4] == 2 else { throw Fault(found: "a 32-bit ELF file") }
        guard bytes[5] == 1 else { throw Fault(found: "a big-endian ELF file") }
        guard bytes[6] == 1 else { throw Fault(found: "an ELF file of an unknown version") }
        try Self.checkType(try Self.field(file, 16, 2))
        machine = try Self.field(file, 18, 2)
        segments = try Self.segments(file)
        try Self.checkSections(file)
    }

    /// The processor as manifests name it, or its number.
    var architecture: String {
        switch machine {
        case 62: "x86_64"
        case 183: "aarch64"
        case 3: "x86 (32 bits)"
        case 40: "arm (32 bits)"
        case 243: "riscv64"
        default: "processor number \(machine)"
        }
    }

    /// Where in the file an address of the loaded library stands.
    func offset(ofAddress address: UInt64) -> UInt64? {
        for segment in segments where segment.type == 1 && address >= segment.address {
            let distance = address - segment.address
            guard distance < segment.fileSize else { continue }
            return segment.offset + distance
        }
        return nil
    }

    private static func checkType(_ type: UInt64) throws(Fault) {
        switch type {
        case 3: break
        case 1: throw Fault(found: "an object file")
        case 2: throw Fault(found: "an executable")
        default: throw Fault(found: "an ELF file that is no shared library")
        }
    }

    private static func field(_ file: ByteReader, _ offset: UInt64, _ size: Int) throws(Fault)
        -> UInt64
    {
        guard let value = file.number(at: offset, size: size) else { throw .truncated }
        return value
    }

    private static func segments(_ file: ByteReader) throws(Fault) -> [Segment] {
        let start = try field(file, 32, 8)
        let size = try field(file, 54, 2)
        let count = try field(file, 56, 2)
        guard count > 0, count < 0xFFFF, size == 56 else {
            throw Fault(found: "an ELF file without program headers")
        }
        guard file.contains(start, count * size) else { throw .truncated }
        var segments: [Segment] = []
        for index in 0..<count {
            let base = start + index * size
            let segment = Segment(
                type: try field(file, base, 4), offset: try field(file, base + 8, 8),
                address: try field(file, base + 16, 8), fileSize: try field(file, base + 32, 8),
                memorySize: try field(file, base + 40, 8))
            guard file.contains(segment.offset, segment.fileSize) else { throw .truncated }
            if segment.type == 1 {
                guard segment.memorySize >= segment.fileSize,
                    !segment.address.addingReportingOverflow(segment.memorySize).overflow
                else { throw Fault(found: "an ELF file with impossible segments") }
            }
            segments.append(segment)
        }
        return segments
    }

    /// The section table stands at the end of most files, so that it shows where one was cut.
    private static func checkSections(_ file: ByteReader) throws(Fault) {
        let start = try field(file, 40, 8)
        let size = try field(file, 58, 2)
        let count = try field(file, 60, 2)
        guard start > 0 else { return }
        let (bytes, overflow) = max(count, 1).multipliedReportingOverflow(by: size)
        guard !overflow, file.contains(start, bytes) else { throw .truncated }
    }
}
