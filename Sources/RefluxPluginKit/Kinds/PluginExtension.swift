/// What every extension has: a description, and a way to make an instance from settings. Conform to
/// one of the five kinds below it, ``PseudoRewardRule``, ``PolicyOptimizer``, ``TaskEvaluator``,
/// ``TeacherSource`` or ``RewardModel``.
public protocol PluginExtension: Sendable {
    /// What it is. The host reads it once, without making an instance.
    static var about: About { get }

    /// Makes an instance.
    ///
    /// - Parameters:
    ///   - settings: every declared setting with its value.
    ///   - host: who calls, and the run's seed.
    /// - Throws: whatever makes the settings unusable together; its text reaches the user.
    init(_ settings: Settings, host: HostInfo) throws
}
