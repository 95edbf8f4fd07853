public import RefluxCore

/// A teacher judges the responses: for tasks whose answers cannot be extracted and compared
/// (Self-Rewarding Language Models, arXiv 2401.10020; both orders of a comparison are asked and
/// averaged because judges prefer a place, arXiv 2306.05685).
///
/// With `score` a response earns the mean of its scores, divided by 10. With `compare` it is
/// compared with some others, chosen by the seed; a comparison gives 1 to the better one, 0 to the
/// other, 1/2 to both in a tie, and counts only where both orders of it could be read; a response
/// earns the mean of its comparisons. Equal texts are judged once.
///
/// Replies are read strictly: one that was cut, or does not end in the demanded line, is
/// unreadable. A response without a readable judgement abstains (`unreadable judgement`), and so
/// does, in comparisons, one without another text beside it (`nothing to compare with`). Who may
/// not earn gets 0 and is not judged: blank and cut responses, and those without an answer where
/// one is needed (``EarningGate``). There is no label.
///
/// **Cost.** `score` asks once a different text and sample; `compare` asks 2 * `rivals` times, and
/// never more than n - 1 times, for each of n different texts. The questions of a group are one
/// call of the teacher, so that it can batch them; calls wait for each other. In reinforcement that
/// is one call a prompt and step, for the teachers' responses too: prefer to teach a reward model
/// from it.
///
/// Metrics: `judgements`, how many replies were asked for; `unreadable`, the fraction of them that
/// could not be read; `barred`; `mean`. Of comparisons also `first_preferred`, how often the first
/// place won (1/2 without bias), and `contradictions`, the fraction of the comparisons whose two
/// orders disagree.
public struct TeacherJudge: PseudoRewardRule {
    /// The options.
    public let settings: JudgeSettings
    private let queue: JudgeQueue

    /// Makes the rule; the teacher is asked by one task at a time.
    public init(_ teacher: any TeacherSource, settings: JudgeSettings = JudgeSettings()) {
        self.settings = settings
        queue = JudgeQueue(teacher)
    }

    /// Reads the table `judge`, which names a teacher, and the keys of the settings.
    init(_ reader: ConfigurationReader, context: BuildContext) throws {
        settings = try JudgeSettings(reader, seed: context.seed)
        let table = try reader.table("judge")
        queue = JudgeQueue(try context.registry.make(.teacher, from: table, context: context))
        reader.record("judge", table.resolved.value)
    }

    /// `teacher-judge`.
    public var name: String { "teacher-judge" }

    /// Asks the teacher about all responses that may earn.
    ///
    /// - Throws: what the teacher throws.
    public func judge(_ group: ResponseGroup) async throws -> GroupJudgement {
        let admitted = zip(group.responses, group.answers).filter {
            settings.gate.admits($0, answer: $1)
        }
        // By their scalars, so that nothing depends on the order of the responses.
        let texts = Set(admitted.map(\.0.text)).sorted {
            $0.unicodeScalars.lexicographicallyPrecedes($1.unicodeScalars)
        }
        let opinions: JudgeOpinions =
            switch settings.mode {
            case .score: try await scores(of: texts, prompt: group.prompt)
            case .compare: try await comparisons(of: texts, prompt: group.prompt)
            }
        var judgement = settings.gate.judge(group) { response in
            guard let values = opinions.values[response.text] else {
                return .abstain("nothing to compare with")
            }
            return mean(values).map { .reward($0) } ?? .abstain("unreadable judgement")
        }
        judgement.metrics.merge(opinions.metrics) { $1 }
        return judgement
    }

    private func scores(of texts: [String], prompt: Prompt) async throws -> JudgeOpinions {
        let questions = texts.map { settings.prompt.score($0, to: prompt) }
        let replies = try await queue.ask(questions, plan: settings.plan)
        var opinions = JudgeOpinions()
        for (text, replies) in zip(texts, replies) {
            let values = replies.map(JudgeReply.score)
            opinions.add(values, of: text)
        }
        return opinions
    }

    private func comparisons(of texts: [String], prompt: Prompt) async throws -> JudgeOpinions {
        let pairs = JudgePairs(
            count: texts.count, rivals: settings.rivals, seed: settings.seed, prompt: prompt.index)
        let questions = pairs.all.flatMap { pair in
            [(pair.0, pair.1), (pair.1, pair.0)].map {
                settings.prompt.compare(texts[$0.0], texts[$0.1], to: prompt)
            }
        }
        let replies = try await queue.ask(questions, plan: settings.plan)
        var opinions = JudgeOpinions()
        for (place, pair) in pairs.all.enumerated() {
            opinions.add(
                forward: replies[2 * place].map(JudgeReply.preference),
                backward: replies[2 * place + 1].map(JudgeReply.preference),
                of: (texts[pair.0], texts[pair.1]))
        }
        return opinions
    }
}
