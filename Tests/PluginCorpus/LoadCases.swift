/// Replaced by the cases of this stage.
public let loadCases: [CorpusCase] = []
