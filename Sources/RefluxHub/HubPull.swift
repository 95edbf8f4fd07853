package import RefluxCore
import RefluxFiles
package import RefluxNetwork

/// Downloads files of a repository into a folder: `reflux model pull`.
///
/// Files grow as `NAME.part` and take their names once size and hash are right; a record of all is
/// written last. Called again, it verifies what is there and brings what is missing.
///
/// **Threads.** Any; one call a folder.
package struct HubPull: Sendable {
    /// What was downloaded.
    package struct Result: Sendable, Equatable, Encodable {
        /// `OWNER/NAME`
        package let repository: String
        /// What was asked for.
        package let revision: String
        /// The commit that it names.
        package let commit: String
        /// Where the files are.
        package let folder: String
        /// The files.
        package let files: [HubFile]
        /// Bytes that this call downloaded.
        package let downloadedBytes: Int

        enum CodingKeys: String, CodingKey {
            case repository, revision, commit, folder, files
            case downloadedBytes = "downloaded_bytes"
        }
    }

    private let repository: HubRepository
    private let revision: String
    private let selection: FileSelection
    private let folder: String
    private let endpoint: HubEndpoint
    private let client: HubClient
    private let observer: RunObserver

    /// What a revision has of what is wanted.
    package struct Choice: Sendable, Equatable {
        /// The commit that the revision names.
        package let commit: String
        /// The wanted files.
        package let files: [HubFile]
    }

    /// Prepares a download.
    ///
    /// - Parameters:
    ///   - repository: the repository.
    ///   - revision: a branch, a tag or a commit.
    ///   - selection: the files.
    ///   - folder: where they go; it is made.
    ///   - endpoint: the server.
    ///   - token: what proves who asks; sent to the endpoint alone.
    ///   - policy: how often and when requests are sent again.
    ///   - idle: the seconds in which a reply may bring nothing.
    ///   - observer: told of the plan, of every finished file, and of the bytes in megabytes.
    package init(
        _ repository: HubRepository, revision: String, selection: FileSelection, to folder: String,
        endpoint: HubEndpoint, token: String?,
        policy: RetryPolicy = RetryPolicy(retries: 5, longestPause: 30, longestWait: 600),
        idle: Double = 60, observer: RunObserver = .silent
    ) {
        self.repository = repository
        self.revision = revision
        self.selection = selection
        self.folder = folder
        self.endpoint = endpoint
        self.observer = observer
        client = HubClient(
            endpoint: endpoint, token: token, policy: policy, idle: idle, note: observer.note)
    }

    /// Asks the hub what there is. Nothing is written.
    ///
    /// - Throws: ``RefluxError``: the server or the repository; `CancellationError`.
    package func choose() async throws -> Choice {
        let listing = try await listing()
        return Choice(
            commit: listing.commit,
            files: try selection.choose(from: listing.files, of: repository))
    }

    /// Downloads what is missing.
    ///
    /// - Throws: ``RefluxError``: the server, the disk or files that are in the way;
    ///   `CancellationError`, after which parts stay.
    package func run(_ choice: Choice) async throws -> Result {
        let (commit, files) = (choice.commit, choice.files)
        try Files.makeFolder(folder)
        let state = try PulledFolder(folder, repository: repository, files: files)
        var record = PullRecord(
            repository: "\(repository)", endpoint: endpoint.address, revision: revision,
            commit: commit, files: state.otherFiles(ofCommit: commit) + files,
            tags: state.tags)
        for line in state.plan(of: record) { observer.note(line) }
        try state.checkSpace()
        try record.writeUnfinished(to: folder)
        var done = files.reduce(0) { $0 + $1.size } - state.missing.reduce(0) { $0 + $1.size }
        var downloaded = 0
        let total = files.reduce(0) { $0 + $1.size }
        for (index, file) in state.missing.enumerated() {
            let path = "\(folder)/\(file.name)"
            if file.name.contains("/") { try makeFolder(of: file.name) }
            let before = done
            let download = try FileDownload(
                file, to: path, from: repository, commit: commit, client: client,
                tag: state.tags[file.name],
                received: { observer.progress(megabytes(before + $0), megabytes(total), "MB") },
                tagged: { tag in
                    record.tags?[file.name] = tag
                    try record.writeUnfinished(to: folder)
                })
            downloaded += try await download.run(
                random: RandomKey(seed: 0, stage: .prepare, prompt: index))
            done += file.size
            observer.note("\(file.name)  \(sizeInWords(file.size))  verified")
        }
        try record.write(to: folder)
        return Result(
            repository: "\(repository)", revision: revision, commit: commit,
            folder: folder, files: files, downloadedBytes: downloaded)
    }

    private func listing() async throws -> HubListing {
        let address = endpoint.listing(of: repository, revision: revision)
        let random = RandomKey(seed: 0, stage: .prepare, step: 1)
        return try await client.retrying(
            "the list of \(repository)", random: random
        ) { () async throws -> HubListing in
            let reply = try await client.open(address)
            guard reply.stream.status == 200 else {
                throw await client.failure(
                    of: reply, wanted: .revision(revision), in: repository)
            }
            do {
                return try HubListing(parsing: await reply.stream.collect(), address: address)
            } catch let failure as ServerConnection.Failure {
                throw HubClient.PassingFailure(reason: failure.words)
            }
        }
    }

    private func makeFolder(of name: String) throws {
        let parent = Files.parts(of: name).dropLast().joined(separator: "/")
        try Files.makeFolder("\(folder)/\(parent)")
    }
}

/// Bytes in whole megabytes, rounded up: a file of a few bytes is not nothing.
private func megabytes(_ bytes: Int) -> Int { (bytes + 999_999) / 1_000_000 }
