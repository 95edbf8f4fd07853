import GRDB
import RefluxCore

/// The tables of a response cache's file and how it is opened.
enum ResponseCacheSchema {
    /// Stands in the file's header: `RFLX`. SQLite keeps it for the programs that use a file.
    static let applicationID = 0x5246_4C58
    /// The version of the tables. A file with a greater one is of a newer Reflux.
    static let version = 1
    /// How long one process waits for another, in seconds.
    static let patience = 60.0

    /// Opens a file for reading and writing, and makes its tables when it is new. Nothing of a
    /// file that is no response cache is touched.
    static func open(_ path: String) throws -> DatabaseQueue {
        var configuration = Configuration()
        configuration.journalMode = .wal
        configuration.busyMode = .timeout(patience)
        configuration.label = "reflux.responses"
        configuration.prepareDatabase { database in try check(database, path: path) }
        do {
            let queue = try DatabaseQueue(path: path, configuration: configuration)
            try queue.writeWithoutTransaction { database in
                // GRDB sets NORMAL, with which a power cut may lose the last answers.
                try database.execute(sql: "PRAGMA synchronous = FULL")
            }
            try queue.write(makeTables)
            return queue
        } catch let error as DatabaseError {
            throw inWords(error, path: path)
        }
    }

    /// Refuses what is not a response cache of this version or an older one.
    private static func check(_ database: Database, path: String) throws {
        // Another process may be making the tables: they come with the numbers, in one transaction, so
        // whoever sees the tables first sees the numbers then.
        let tables = try Int.fetchOne(database, sql: "SELECT COUNT(*) FROM sqlite_master") ?? 0
        let owner = try Int.fetchOne(database, sql: "PRAGMA application_id") ?? 0
        let found = try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0
        guard owner == applicationID || (owner == 0 && tables == 0) else {
            throw RefluxError(
                .input, found: "this SQLite file belongs to another program",
                at: SourceLocation(path: path), wanted: "a response cache of Reflux or no file",
                remedy: "Name another path with cache.")
        }
        guard found <= version else {
            throw RefluxError(
                .input, found: "the response cache has version \(found)",
                at: SourceLocation(path: path), wanted: "version \(version) or older",
                remedy: "A newer Reflux wrote it: use that one, or name another path with cache.")
        }
    }

    private static func makeTables(_ database: Database) throws {
        guard try Int.fetchOne(database, sql: "PRAGMA user_version") == 0 else { return }
        try database.execute(
            sql: """
                CREATE TABLE response (
                    number INTEGER PRIMARY KEY,
                    key TEXT NOT NULL UNIQUE,
                    request TEXT NOT NULL,
                    server TEXT NOT NULL,
                    model TEXT NOT NULL,
                    response TEXT NOT NULL,
                    stored REAL NOT NULL
                );
                PRAGMA application_id = \(applicationID);
                PRAGMA user_version = \(version);
                """)
    }
}
