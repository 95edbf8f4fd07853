import CRefluxPlugin

/// An extension, ready to be put into a ``Plugin``.
public struct Extension: Sendable {
    let kind: String
    let about: About
    let make: @Sendable (Settings, HostInfo) throws -> AnyObject
    /// Makes the function table, which is never freed.
    let table: @Sendable (Creator) -> UnsafeRawPointer

    /// A rule.
    public static func rule<Rule: PseudoRewardRule>(_ type: Rule.Type) -> Extension {
        Extension(
            kind: REFLUX_KIND_PSEUDO_REWARD_RULE, about: Rule.about,
            make: { RuleInstance(try Rule($0, host: $1)) },
            table: { immortal(ruleTable(create: $0, needsGold: Rule.needsGold)) })
    }

    /// An optimizer.
    public static func optimizer<Optimizer: PolicyOptimizer>(
        _ type: Optimizer.Type
    ) -> Extension {
        Extension(
            kind: REFLUX_KIND_POLICY_OPTIMIZER, about: Optimizer.about,
            make: { OptimizerInstance(try Optimizer($0, host: $1)) },
            table: { immortal(optimizerTable(create: $0)) })
    }

    /// A task.
    public static func task<Task: TaskEvaluator>(_ type: Task.Type) -> Extension {
        Extension(
            kind: REFLUX_KIND_TASK_EVALUATOR, about: Task.about,
            make: { TaskInstance(try Task($0, host: $1)) },
            table: { immortal(taskTable(create: $0)) })
    }

    /// A teacher.
    public static func teacher<Teacher: TeacherSource>(_ type: Teacher.Type) -> Extension {
        Extension(
            kind: REFLUX_KIND_TEACHER_SOURCE, about: Teacher.about,
            make: { TeacherInstance(try Teacher($0, host: $1)) },
            table: { immortal(teacherTable(create: $0)) })
    }

    /// A reward model that only scores.
    public static func rewardModel<Model: RewardModel>(_ type: Model.Type) -> Extension {
        rewardModel(type, isTrainable: false)
    }

    /// A reward model that learns.
    public static func rewardModel<Model: TrainableRewardModel>(_ type: Model.Type) -> Extension {
        rewardModel(type, isTrainable: true)
    }

    private static func rewardModel<Model: RewardModel>(
        _ type: Model.Type, isTrainable: Bool
    ) -> Extension {
        Extension(
            kind: REFLUX_KIND_REWARD_MODEL, about: Model.about,
            make: { RewardModelInstance(try Model($0, host: $1)) },
            table: { immortal(rewardModelTable(create: $0, isTrainable: isTrainable)) })
    }
}

/// Copies a value to memory that is never freed: for the constant tables of a plugin.
private func immortal<Value>(_ value: Value) -> UnsafeRawPointer {
    let pointer = UnsafeMutablePointer<Value>.allocate(capacity: 1)
    pointer.initialize(to: value)
    return UnsafeRawPointer(pointer)
}
