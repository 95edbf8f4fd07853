import RefluxCore

/// Which models of a run are known by a role, and where they lie.
///
/// | role | model |
/// |---|---|
/// | `base` | the student before any training |
/// | `student` | the student after the warm-up |
/// | `teacher` | the first local teacher, if there is one |
/// | `prepared`, `prepared-teacher` | the teacher of the section `prepare` |
/// | `prepared-student` | the student of the section `prepare` |
struct ModelRoles {
    /// The role by which a run file names what `prepare` makes.
    static let prepared = "prepared"
    /// All names of what `prepare` makes.
    static let preparedNames: Set = [prepared, "prepared-teacher", "prepared-student"]

    private let studentModel: String
    private let teacherModel: String?
    private let baseFolder: String

    /// Reads the names from a run file.
    init(source: ConfigurationNode, student: StudentSettings, baseFolder: String) {
        studentModel = student.model
        teacherModel = Self.localTeachers(in: source).first?.model
        self.baseFolder = baseFolder
    }

    /// The paths by role, given the run's folder.
    func paths(in run: RunFolder) -> [String: String] {
        let teacher = "\(run.folder(of: .prepare))/teacher"
        let student = "\(run.folder(of: .prepare))/student"
        var roles = [
            Self.prepared: teacher, "prepared-teacher": teacher, "prepared-student": student,
        ]
        roles["base"] =
            studentModel == Self.prepared ? student : path(of: studentModel, roles: roles)
        roles["student"] = "\(run.folder(of: .warmup))/model"
        if let teacherModel { roles["teacher"] = path(of: teacherModel, roles: roles) }
        return roles
    }

    private func path(of name: String, roles: [String: String]) -> String {
        roles[name] ?? (name.hasPrefix("/") || name.hasPrefix("~") ? name : "\(baseFolder)/\(name)")
    }

    /// The models of the local teachers with the places where they are named.
    static func localTeachers(
        in source: ConfigurationNode
    ) -> [(model: String, location: SourceLocation)] {
        let entries: [ConfigurationNode] =
            switch source["teachers"]?.value {
            case .list(let nodes): nodes
            case .table: [source["teachers"]].compactMap(\.self)
            default: []
            }
        return entries.compactMap { entry in
            guard entry["use"]?.value == .string("local-model"), let node = entry["model"],
                case .string(let model) = node.value
            else { return nil }
            return (model, node.location)
        }
    }
}

extension RunConfiguration {
    /// The paths of the models that are known by a role.
    func modelRoles(run: RunFolder) -> [String: String] {
        ModelRoles(source: source, student: student, baseFolder: baseFolder).paths(in: run)
    }
}
