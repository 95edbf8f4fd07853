/// All cases.
public enum Corpus {
    /// The cases of every stage.
    public static var all: [CorpusCase] {
        manifestCases + libraryCases + loadCases + callCases + workerCases + checkerCases
    }
}
