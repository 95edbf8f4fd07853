extension RandomKey {
    /// The step under which a teacher draws at its first temperature; those that follow take the next
    /// steps. It is the name's FNV-1a hash of 32 bits (Fowler, Noll, Vo), the same in every process,
    /// so that teachers share no random numbers whatever their order. Two names may have one hash:
    /// whoever puts several teachers together looks at ``share(_:_:)``.
    public static func step(ofSource name: String) -> Int {
        Int(name.utf8.reduce(UInt32(2_166_136_261)) { ($0 ^ UInt32($1)) &* 16_777_619 })
    }

    /// Whether two sources would draw the same numbers, each with so many temperatures.
    public static func share(
        _ one: (name: String, temperatures: Int), _ other: (name: String, temperatures: Int)
    ) -> Bool {
        let distance = UInt32(
            truncatingIfNeeded: step(ofSource: other.name) - step(ofSource: one.name))
        return distance < UInt32(clamping: one.temperatures)
            || 0 &- distance < UInt32(clamping: other.temperatures)
    }
}
