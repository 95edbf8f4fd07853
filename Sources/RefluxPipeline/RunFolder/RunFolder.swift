import RefluxCore

/// Where the artefacts of one run lie: `runs/NAME`, with one folder a stage.
///
/// A variant is a run folder inside another one, `variants/NAME`, that borrows the stages before the
/// first one whose inputs differ.
package struct RunFolder: Sendable, Equatable {
    /// The absolute path.
    package let path: String
    /// The run whose earlier stages a variant borrows.
    private let mainPath: String
    /// The stages that are taken from the main run.
    package let borrowed: Set<StageID>

    /// The run folder at a path.
    package init(path: String) {
        self.path = path
        mainPath = path
        borrowed = []
    }

    /// The folder of a variant that borrows stages of this run.
    package func variant(_ name: String, borrowing stages: Set<StageID>) -> RunFolder {
        RunFolder(path: "\(path)/variants/\(name)", mainPath: path, borrowed: stages)
    }

    private init(path: String, mainPath: String, borrowed: Set<StageID>) {
        self.path = path
        self.mainPath = mainPath
        self.borrowed = borrowed
    }

    /// The folder of a stage.
    package func folder(of stage: StageID) -> String {
        "\(borrowed.contains(stage) ? mainPath : path)/\(stage.rawValue)"
    }
}
