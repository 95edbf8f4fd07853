/// The arithmetic of a policy-gradient method on plain arrays: it never sees a tensor.
///
/// **Who calls it.** The host: ``advantages(for:call:)`` once a step with the whole batch,
/// ``loss(for:call:)`` once a micro-batch and epoch. It turns the derivatives into gradients of the
/// weights.
/// **State.** Keep none: the same batch gives the same result.
/// **Errors.** A throw ends the stage at its last checkpoint. Results must be finite and as many as
/// there are tokens.
public protocol PolicyOptimizer: PluginExtension {
    /// What the method needs besides log-probabilities.
    var needs: OptimizerNeeds { get }

    /// Turns the rollouts of one step into per-token advantages.
    func advantages(for batch: RolloutBatch, call: Call) throws -> Advantages

    /// The loss of a micro-batch and its derivatives.
    func loss(for batch: LossBatch, call: Call) throws -> Loss
}

extension PolicyOptimizer {
    /// Nothing but log-probabilities, unless a method says otherwise.
    public var needs: OptimizerNeeds { OptimizerNeeds() }
}
