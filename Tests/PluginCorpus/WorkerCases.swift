/// Replaced by the cases of this stage.
public let workerCases: [CorpusCase] = []
