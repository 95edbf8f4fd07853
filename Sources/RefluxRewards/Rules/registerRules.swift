public import RefluxCore

/// Adds the built-in pseudo-reward rules to a registry.
///
/// - Throws: ``RefluxError`` of kind `usage` when one of the ids is taken.
public func registerRules(in registry: inout ExtensionRegistry) throws {
    try registerVotingRules(in: &registry)
    try registerShapingRules(in: &registry)
    try registerCombinations(in: &registry)
    try registry.register(
        .rule, id: "teacher-judge", title: "A teacher scores or compares the responses"
    ) { reader, context in
        try TeacherJudge(reader, context: context)
    }
    try registry.register(
        .rule, id: "gold",
        title: "Agreement with the dataset's answer: upper bounds and audits only"
    ) { _, _ in
        GoldAgreement()
    }
}

/// The rules in which answers vote.
private func registerVotingRules(in registry: inout ExtensionRegistry) throws {
    try registry.register(
        .rule, id: "teacher-majority", title: "Agreement with the teacher's majority answer"
    ) { reader, context in
        try TeacherMajority(reader, seed: context.seed)
    }
    try registry.register(
        .rule, id: "self-majority", title: "Agreement with the student's own majority answer"
    ) { reader, context in
        SelfMajority(try MajorityVote(reader, seed: context.seed))
    }
    try registry.register(
        .rule, id: "pooled-majority", title: "Agreement with a weighted vote of teacher and student"
    ) { reader, context in
        try PooledMajority(reader, seed: context.seed)
    }
    try registry.register(
        .rule, id: "vote-share", title: "The share of the votes that the answer has"
    ) { reader, _ in
        try VoteShare(reader)
    }
    try registry.register(
        .rule, id: "majority-pairs", title: "The most-voted answer against the least-voted one"
    ) { reader, context in
        try MajorityPairs(reader, seed: context.seed)
    }
    try registry.register(
        .rule, id: "teacher-preferred",
        title: "The teacher where it agrees with its majority against the student where it does not"
    ) { reader, context in
        TeacherPreferred(try MajorityVote(reader, seed: context.seed))
    }
}

/// The rules that look at the text of a response.
private func registerShapingRules(in registry: inout ExtensionRegistry) throws {
    try registry.register(
        .rule, id: "format", title: "The demanded texts and patterns that a response holds"
    ) { reader, _ in
        try FormatReward(reader)
    }
    try registry.register(
        .rule, id: "overlong", title: "Less and less near the limit on the tokens of a response"
    ) { reader, _ in
        try OverlongPenalty(reader)
    }
    try registry.register(
        .rule, id: "repetition", title: "The fraction of a response's n-grams that are different"
    ) { reader, _ in
        try RepetitionPenalty(reader)
    }
    try registry.register(
        .rule, id: "cosine-length", title: "A reward by length for accepted and other responses"
    ) { reader, context in
        try CosineLength(reader, context: context)
    }
}

/// The rules that are made of other rules.
private func registerCombinations(in registry: inout ExtensionRegistry) throws {
    try registry.register(
        .rule, id: "weighted-sum", title: "A weighted sum of other rules"
    ) { reader, context in
        try WeightedSum(reader, context: context)
    }
    try registry.register(
        .rule, id: "ensemble", title: "The mean of other rules minus their disagreement"
    ) { reader, context in
        try RuleEnsemble(reader, context: context)
    }
}
