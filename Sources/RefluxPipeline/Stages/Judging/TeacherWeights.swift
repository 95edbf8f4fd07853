import RefluxCore

/// How much each teacher counts in votes: `teachers[].weight`, by the names of the teachers.
///
/// The stage `label` puts the weights into the teachers' responses; all later stages read them there.
/// So another weight labels anew and asks no teacher again.
struct TeacherWeights: Sendable, Equatable {
    /// The weights that are not 1.
    private let unusual: [String: Double]

    /// Weights by the names of sources.
    init(_ weights: [String: Double]) { unusual = weights.filter { $0.value != 1 } }

    /// Teacher responses with their weights.
    func weighing(_ responses: [Response]) -> [Response] {
        responses.map { response in
            var response = response
            response.weight = unusual[response.source] ?? 1
            return response
        }
    }

    /// The inputs of a stage with the weights beside them, where there are any.
    func adding(to settings: ConfigurationValue) -> ConfigurationValue {
        guard !unusual.isEmpty, case .table(let entries) = settings, let place = entries.first
        else { return settings }
        let weights = unusual.sorted { $0.key < $1.key }.map { name, weight in
            ConfigurationEntry(name, ConfigurationNode(.number(weight), at: place.node.location))
        }
        return .table(
            entries + [
                ConfigurationEntry(
                    "teacher_weights",
                    ConfigurationNode(.table(weights), at: place.node.location))
            ])
    }
}

extension StageContext {
    /// The weights of the run's teachers.
    func teacherWeights() throws -> TeacherWeights {
        guard configuration.teachers.contains(where: { $0.weight != 1 }) else {
            return TeacherWeights([:])
        }
        return TeacherWeights(
            Dictionary(
                try makeTeachers().map { ($0.source.name, $0.settings.weight) },
                uniquingKeysWith: { $1 }))
    }
}
