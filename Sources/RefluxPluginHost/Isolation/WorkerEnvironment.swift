/// What a worker knows of the environment: little, and the same in every run.
enum WorkerEnvironment {
    /// The variables that are passed on; in a set-user-id process none is.
    static let kept = ["PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "LD_LIBRARY_PATH"]

    /// The variables of a worker, as `NAME=value`. One thread is enough for the linear algebra of
    /// the host's program, which a worker does not use. One arena of the allocator: each further one
    /// sets 64 MiB of addresses aside, which the plugin's limit would count.
    static var variables: [String] {
        kept.compactMap { name in WorkerSystem.variable(name).map { "\(name)=\($0)" } }
            + ["OPENBLAS_NUM_THREADS=1", "MALLOC_ARENA_MAX=1"]
    }
}
