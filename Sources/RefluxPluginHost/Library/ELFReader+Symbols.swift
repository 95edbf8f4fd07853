/// The dynamic section and the exported symbols, found as the dynamic loader finds them: through
/// the hash table (System V gABI, chapter 5; GNU's `DT_GNU_HASH`).
extension ELFReader {
    /// The entries of the dynamic section, as far as the checks need them.
    struct Dynamic {
        /// The values by tag; the first of each.
        var values: [UInt64: UInt64] = [:]

        /// Whether the file says that it is a position-independent executable (`DF_1_PIE`).
        var isExecutable: Bool { values[0x6FFF_FFFB, default: 0] & 0x0800_0000 != 0 }
    }

    /// The dynamic section, or `nil` when there is none.
    var dynamic: Dynamic? {
        guard let segment = segments.first(where: { $0.type == 2 }) else { return nil }
        var dynamic = Dynamic()
        for index in 0..<segment.fileSize / 16 {
            let entry = segment.offset + index * 16
            guard let tag = file.number(at: entry, size: 8),
                let value = file.number(at: entry + 8, size: 8), tag != 0
            else { break }
            if dynamic.values[tag] == nil { dynamic.values[tag] = value }
        }
        return dynamic
    }

    /// Whether the library exports a function of that name which it defines itself.
    func exportsFunction(_ name: String, _ dynamic: Dynamic) -> Bool {
        guard let symbols = dynamic.values[6].flatMap(offset(ofAddress:)),
            let texts = dynamic.values[5].flatMap(offset(ofAddress:))
        else { return false }
        let candidates: [UInt64]
        if let table = dynamic.values[0x6FFF_FEF5].flatMap(offset(ofAddress:)) {
            candidates = gnuCandidates(name, table: table)
        } else if let table = dynamic.values[4].flatMap(offset(ofAddress:)) {
            candidates = systemVCandidates(name, table: table)
        } else {
            return false
        }
        return candidates.contains { isFunction(name, symbol: $0, symbols, texts) }
    }

    /// Whether a symbol is a function of that name that other libraries see.
    private func isFunction(
        _ name: String, symbol: UInt64, _ symbols: UInt64, _ texts: UInt64
    ) -> Bool {
        let (distance, overflow) = symbol.multipliedReportingOverflow(by: 24)
        let (entry, beyond) = symbols.addingReportingOverflow(distance)
        guard !overflow, !beyond, file.contains(entry, 24),
            let text = file.number(at: entry, size: 4),
            let info = file.number(at: entry + 4, size: 1),
            let other = file.number(at: entry + 5, size: 1),
            let section = file.number(at: entry + 6, size: 2)
        else { return false }
        let isFunction = [2, 10].contains(info & 15)
        let isGlobal = [1, 2].contains(info >> 4)
        let isVisible = [0, 3].contains(other & 3)
        return section != 0 && isFunction && isGlobal && isVisible
            && file.hasText(name, at: texts &+ text)
    }

    /// The symbols in the bucket of a name by GNU's hash.
    private func gnuCandidates(_ name: String, table: UInt64) -> [UInt64] {
        let hash = name.utf8.reduce(UInt32(5381)) { $0 &* 33 &+ UInt32($1) }
        guard let bucketCount = file.number(at: table, size: 4), bucketCount > 0,
            let firstSymbol = file.number(at: table &+ 4, size: 4),
            let bloomCount = file.number(at: table &+ 8, size: 4)
        else { return [] }
        let buckets = table &+ 16 &+ bloomCount * 8
        let chains = buckets &+ bucketCount * 4
        let bucket = buckets &+ (UInt64(hash) % bucketCount) * 4
        guard var symbol = file.number(at: bucket, size: 4), symbol >= firstSymbol else {
            return []
        }
        var candidates: [UInt64] = []
        // Every step reads four bytes further on, so that the file's end ends the loop.
        while let value = file.number(at: chains &+ (symbol - firstSymbol) * 4, size: 4) {
            if UInt32(truncatingIfNeeded: value) | 1 == hash | 1 { candidates.append(symbol) }
            if value & 1 == 1 { break }
            symbol += 1
        }
        return candidates
    }

    /// The symbols in the bucket of a name by System V's hash.
    private func systemVCandidates(_ name: String, table: UInt64) -> [UInt64] {
        var hash: UInt32 = 0
        for byte in name.utf8 {
            hash = hash << 4 &+ UInt32(byte)
            let high = hash & 0xF000_0000
            hash = (hash ^ high >> 24) & ~high
        }
        guard let bucketCount = file.number(at: table, size: 4), bucketCount > 0,
            let chainCount = file.number(at: table &+ 4, size: 4)
        else { return [] }
        let chains = table &+ 8 &+ bucketCount * 4
        var candidates: [UInt64] = []
        var next = file.number(at: table &+ 8 &+ UInt64(hash) % bucketCount * 4, size: 4)
        // A chain that leads in a circle is longer than all symbols together.
        while let symbol = next, symbol != 0, symbol < chainCount, candidates.count < chainCount,
            candidates.count < file.bytes.count / 4
        {
            candidates.append(symbol)
            next = file.number(at: chains &+ symbol * 4, size: 4)
        }
        return candidates
    }
}
