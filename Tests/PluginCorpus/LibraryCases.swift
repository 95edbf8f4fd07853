/// Replaced by the cases of this stage.
public let libraryCases: [CorpusCase] = []
