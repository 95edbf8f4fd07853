/// The numbers that a rule tells beside its verdicts, for instance how many replies of a judge could
/// not be read.
enum RuleMetrics {
    /// The mean of each number over the groups that have it.
    static func means(of groups: [[String: Double]]) -> [String: Double] {
        let names = Set(groups.flatMap(\.keys))
        return names.reduce(into: [:]) { means, name in
            means[name] = mean(groups.compactMap { $0[name] })
        }
    }
}
