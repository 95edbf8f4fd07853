import Synchronization

/// Remembers the tokens of pieces: text repeats its words. Safe to use from any thread.
final class PieceCache: Sendable {
    private let known = Mutex<[ByteKey: [Int32]]>([:])

    /// Entries at which the cache starts anew, and the longest piece that is kept: together they
    /// bound its memory to some ten megabytes.
    private static let capacity = 1 << 16
    private static let longestPiece = 64

    /// The tokens of a piece, computed when they are not known.
    func tokens(
        of piece: ArraySlice<UInt8>, _ compute: (ArraySlice<UInt8>) -> [Int32]
    ) -> [Int32] {
        guard piece.count <= Self.longestPiece else { return compute(piece) }
        if let tokens = known.withLock({ $0[ByteKey(piece)] }) { return tokens }
        let tokens = compute(piece)
        // A copy: the slice would keep the whole text alive.
        let key = ByteKey(Array(piece)[...])
        known.withLock { table in
            if table.count >= Self.capacity { table.removeAll(keepingCapacity: true) }
            table[key] = tokens
        }
        return tokens
    }
}
