/// Answers prompts several times.
///
/// **Who calls it.** The host, with chunks of prompts, from one thread at a time.
/// **Cost.** The expensive part of a run: look at ``Call/checkCancellation()`` between items and tell
/// ``Call/progress(_:of:unit:)``. Making an instance is cheap, expensive things wait for the call.
/// **Errors.** A throw ends the stage; the responses of earlier chunks are kept.
/// **Determinism.** Draw random numbers from ``Call/generator(stream:)`` only, a stream a prompt and
/// sample.
public protocol TeacherSource: PluginExtension {
    /// Answers every prompt as often as the plan says; a source that has fewer responses gives what
    /// it has. ``Response/role``, ``Response/source`` and ``Response/answer`` are set by the host;
    /// ``Response/sample`` is of its own among the responses of a prompt.
    ///
    /// - Returns: the responses of each prompt, in the order of `prompts`.
    func respond(to prompts: [Prompt], plan: SamplingPlan, call: Call) throws -> [[Response]]
}
