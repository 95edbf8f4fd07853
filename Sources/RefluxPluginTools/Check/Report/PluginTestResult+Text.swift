extension PluginTestResult {
    /// The result for people: one line, and for a failure the error and the command below it.
    public var text: String {
        switch status {
        case .ok: return "ok    \(id)"
        case .skipped: return "skip  \(id): skipped because \(reason ?? "it does not apply")"
        case .fail: break
        }
        var lines = ["FAIL  \(id): \(description)"]
        if let error {
            lines.append("      found:  \(error.found) [\(error.check)]")
            if let place = error.place { lines.append("      where:  \(place)") }
            if let wanted = error.wanted { lines.append("      wanted: \(wanted)") }
            if let remedy = error.remedy { lines.append("      remedy: \(remedy)") }
        }
        if let reproduce { lines.append("      again:  \(reproduce)") }
        return lines.joined(separator: "\n")
    }
}
