/// Cuts a list into parts that fit in memory.
enum MicroBatches {
    /// Neighbours together, up to a limit; what is larger than the limit goes alone.
    ///
    /// - Parameters:
    ///   - elements: what is to be cut.
    ///   - limit: the largest sum of sizes.
    ///   - size: the size of an element, for instance its tokens.
    /// - Returns: the parts, in order; none is empty.
    static func of<Element>(
        _ elements: [Element], limit: Int, size: (Element) -> Int
    ) -> [[Element]] {
        var batches: [[Element]] = []
        var room = 0
        for element in elements {
            let size = size(element)
            if batches.isEmpty || size > room {
                batches.append([])
                room = limit
            }
            batches[batches.count - 1].append(element)
            room -= size
        }
        return batches
    }
}
