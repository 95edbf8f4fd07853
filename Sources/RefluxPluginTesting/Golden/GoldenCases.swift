import RefluxPluginKit

extension MockHost {
    /// Runs golden cases, one JSON object a line, as `reflux plugin check` does.
    ///
    /// - Parameters:
    ///   - lines: the text of `tests/cases.jsonl`.
    ///   - folder: what stands for `$PLUGIN` in settings: the plugin's folder.
    /// - Returns: one line for every difference; none when all is as expected.
    public func differences(fromCases lines: String, folder: String = ".") -> [String] {
        lines.split(separator: "\n", omittingEmptySubsequences: false).enumerated().flatMap {
            index, line -> [String] in
            guard line.contains(where: { !$0.isWhitespace }) else { return [] }
            do {
                let found = try run(GoldenCase(JSONValue(parsing: line), folder: folder))
                return found.map { "line \(index + 1): \($0)" }
            } catch {
                return ["line \(index + 1): \(error)"]
            }
        }
    }

    private func run(_ golden: GoldenCase) throws -> [String] {
        guard let part = extensions.first(where: { $0.id == golden.id }) else {
            throw MockHostError(kind: .usage, text: "There is no extension \"\(golden.id)\".")
        }
        switch part.kind.split(separator: "/").first {
        case "pseudo-reward-rule": return try golden.differences(of: rule(golden))
        case "policy-optimizer": return try golden.differences(of: optimizer(golden))
        case "task-evaluator": return try golden.differences(of: task(golden))
        case "teacher-source": return try golden.differences(of: teacher(golden))
        case "reward-model": return try golden.differences(of: rewardModel(golden))
        default: throw MockHostError(kind: .usage, text: "The kind \(part.kind) is unknown.")
        }
    }

    private func rule(_ golden: GoldenCase) throws -> MockRule {
        try rule(golden.id, settings: golden.settings)
    }

    private func optimizer(_ golden: GoldenCase) throws -> MockOptimizer {
        try optimizer(golden.id, settings: golden.settings)
    }

    private func task(_ golden: GoldenCase) throws -> MockTask {
        try task(golden.id, settings: golden.settings)
    }

    private func teacher(_ golden: GoldenCase) throws -> MockTeacher {
        try teacher(golden.id, settings: golden.settings)
    }

    private func rewardModel(_ golden: GoldenCase) throws -> MockRewardModel {
        try rewardModel(golden.id, settings: golden.settings)
    }
}

/// One golden case.
struct GoldenCase {
    let json: JSONValue
    let id: String
    let settings: JSONValue

    init(_ json: JSONValue, folder: String) throws {
        self.json = json
        guard let id = json["extension"]?.text, json["expect"] != nil else {
            throw MockHostError(kind: .usage, text: "A case has \"extension\" and \"expect\".")
        }
        self.id = id
        settings = (json["configuration"] ?? [:]).replacing("$PLUGIN", with: folder)
    }

    /// What is expected under a name; `nil` when it is not compared.
    func expected(_ name: String) -> JSONValue? { json["expect"]?[name] }

    /// A difference, if what was found is not what is expected under a name. Numbers are compared
    /// with a relative tolerance of 1e-5 and an absolute one of 1e-6.
    func difference(_ name: String, _ found: JSONValue) -> [String] {
        guard let wanted = expected(name), !wanted.isClose(to: found) else { return [] }
        return ["\(name) is \(found), wanted \(wanted)"]
    }

    func numbers(_ object: JSONValue, _ name: String) -> [Double] {
        object[name]?.list?.compactMap(\.number) ?? []
    }

    func floats(_ object: JSONValue, _ name: String) -> [Float] {
        numbers(object, name).map { Float($0) }
    }

    func integers(_ object: JSONValue, _ name: String) -> [Int] {
        object[name]?.list?.compactMap(\.integer) ?? []
    }
}

extension JSONValue {
    /// An optional text.
    init(_ text: String?) { self = text.map { .text($0) } ?? .null }

    /// Numbers.
    init(_ numbers: [Float]) { self = .list(numbers.map { .number(Double($0)) }) }

    func isClose(to other: JSONValue) -> Bool {
        if let wanted = number, let found = other.number {
            return abs(wanted - found) <= 1e-6 + 1e-5 * abs(wanted)
        }
        if let wanted = list, let found = other.list {
            return wanted.count == found.count
                && zip(wanted, found).allSatisfy { $0.isClose(to: $1) }
        }
        if let wanted = members {
            return wanted.allSatisfy { $0.value.isClose(to: other[$0.name] ?? .null) }
        }
        return self == other
    }

    func replacing(_ part: String, with text: String) -> JSONValue {
        switch self {
        case .text(let value):
            .text(
                value.split(separator: part, omittingEmptySubsequences: false)
                    .joined(separator: text))
        case .list(let values): .list(values.map { $0.replacing(part, with: text) })
        case .object(let members):
            .object(
                members.map { Member($0.name, $0.value.replacing(part, with: text)) })
        default: self
        }
    }
}
