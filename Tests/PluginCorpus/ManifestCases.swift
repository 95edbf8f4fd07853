/// Replaced by the cases of this stage.
public let manifestCases: [CorpusCase] = []
