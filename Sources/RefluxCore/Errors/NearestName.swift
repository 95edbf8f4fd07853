/// Finds the known name that a mistyped one most likely meant.
///
/// - Parameters:
///   - name: what the user wrote.
///   - known: the names that would have been right.
/// - Returns: the known name with the smallest edit distance (Levenshtein), or `nil` when even that
///   one needs more edits than a third of the longer name, at least 2. Ties go to the first name.
/// - Complexity: O(sum of the products of the lengths).
public func nearestName(to name: String, in known: some Sequence<String>) -> String? {
    var best: (name: String, distance: Int)?
    for candidate in known {
        let distance = editDistance(Array(name.utf8), Array(candidate.utf8))
        guard distance <= max(2, max(name.utf8.count, candidate.utf8.count) / 3) else { continue }
        if best.map({ distance < $0.distance }) ?? true { best = (candidate, distance) }
    }
    return best?.name
}

/// A remedy that names the nearest known name, if there is one, and lists all of them.
public func suggestion(for name: String, known: [String]) -> String {
    let list = "Known: \(known.sorted().joined(separator: ", "))."
    guard let nearest = nearestName(to: name, in: known) else { return list }
    return "Did you mean \"\(nearest)\"? \(list)"
}

private func editDistance(_ a: [UInt8], _ b: [UInt8]) -> Int {
    var row = Array(0...b.count)
    for (i, x) in a.enumerated() {
        var diagonal = row[0]
        row[0] = i + 1
        for (j, y) in b.enumerated() {
            let above = row[j + 1]
            row[j + 1] = min(above + 1, row[j] + 1, diagonal + (x == y ? 0 : 1))
            diagonal = above
        }
    }
    return row[b.count]
}
