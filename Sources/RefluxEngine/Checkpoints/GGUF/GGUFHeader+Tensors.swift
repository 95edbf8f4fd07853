import RefluxCore

extension GGUFHeader {
    /// A tensor as the header has it.
    struct Entry {
        let name: String
        let shape: [Int]
        let type: GGUFType
        /// From the beginning of the data.
        let offset: UInt64
        let byteCount: Int

        /// Reads the next entry.
        init(_ cursor: inout GGUFCursor, _ index: Int, _ path: String) throws {
            let name = try cursor.text("the name of tensor \(index)")
            let place = SourceLocation(path: path, key: name)
            let dimensions = try cursor.number(UInt32.self, "tensor \(name)")
            guard (1...4).contains(dimensions) else {
                throw RefluxError(
                    .input, found: "\(dimensions) dimensions", at: place, wanted: "1 to 4",
                    remedy: damaged)
            }
            var sizes: [UInt64] = []
            for _ in 0..<dimensions {
                sizes.append(try cursor.number(UInt64.self, "the shape of \(name)"))
            }
            let number = try cursor.number(UInt32.self, "the type of \(name)")
            guard let type = GGUFType(rawValue: number) else {
                throw RefluxError(
                    .input, found: "elements of type \(GGUFType.nameOfOther(number))", at: place,
                    wanted: GGUFType.allCases.map(\.name).joined(separator: ", "),
                    remedy: "Choose a file of the model in one of these types.")
            }
            self.name = name
            self.type = type
            (shape, byteCount) = try Self.size(sizes, type, place)
            offset = try cursor.number(UInt64.self, "the offset of \(name)")
        }

        private static func size(
            _ sizes: [UInt64], _ type: GGUFType, _ place: SourceLocation
        ) throws -> ([Int], Int) {
            let wrong = RefluxError(
                .input, found: "shape \(sizes) of \(type.name)", at: place,
                wanted: "rows of whole blocks of \(type.blockElements), of less than 2^47 bytes",
                remedy: damaged)
            guard sizes[0] % UInt64(type.blockElements) == 0 else { throw wrong }
            var bytes = UInt64(type.blockBytes)
            for size in [sizes[0] / UInt64(type.blockElements)] + sizes.dropFirst() {
                let (product, overflow) = bytes.multipliedReportingOverflow(by: size)
                guard size > 0, !overflow, product < 1 << 47 else { throw wrong }
                bytes = product
            }
            return (sizes.reversed().map(Int.init), Int(bytes))
        }
    }

    /// Checks where the tensors lie: aligned, inside the file, without overlaps.
    static func place(
        _ entries: [Entry], start: Int, alignment: Int, fileSize: Int, path: String
    ) throws -> [String: Tensor] {
        var tensors: [String: Tensor] = [:]
        var end: UInt64 = 0
        for entry in entries.sorted(by: { $0.offset < $1.offset }) {
            let place = SourceLocation(path: path, key: entry.name)
            guard entry.offset % UInt64(alignment) == 0, entry.offset >= end else {
                throw RefluxError(
                    .input, found: "the offset \(entry.offset)", at: place,
                    wanted: "a multiple of \(alignment) that is at least \(end)", remedy: damaged)
            }
            let room = UInt64(max(0, fileSize - start))
            guard entry.offset <= room, UInt64(entry.byteCount) <= room - entry.offset else {
                throw RefluxError(
                    .input, found: "the file ends after \(room) bytes of data", at: place,
                    wanted: "\(entry.byteCount) bytes from byte \(entry.offset) on",
                    remedy: "The file was cut off; download or copy it again.")
            }
            end = entry.offset + UInt64(entry.byteCount)
            let first = start + Int(entry.offset)
            let tensor = Tensor(
                type: entry.type, shape: entry.shape, bytes: first..<first + entry.byteCount)
            guard tensors.updateValue(tensor, forKey: entry.name) == nil else {
                throw RefluxError(
                    .input, found: "the tensor twice", at: place, wanted: "each name once",
                    remedy: damaged)
            }
        }
        return tensors
    }

}

private let damaged = "The file is damaged; download or copy it again."
