import GRDB
import RefluxCore

/// Tells an error of SQLite as a user would: what is wrong with which file, and what to do.
func inWords(_ error: DatabaseError, path: String) -> RefluxError {
    let place = SourceLocation(path: path)
    let elsewhere = "name another path with cache, or do without by cache: false"
    switch error.resultCode {
    case .SQLITE_NOTADB:
        return RefluxError(
            .input, found: "this is no response cache: the file is not SQLite's", at: place,
            wanted: "a response cache or no file", remedy: "Move the file away, or \(elsewhere).")
    case .SQLITE_CORRUPT:
        return RefluxError(
            .input, found: "the response cache is damaged (\(detail(error)))", at: place,
            remedy: "Move it away, with the files -wal and -shm beside it, to begin a new one; "
                + "`sqlite3 FILE .recover` saves what can be read.")
    case .SQLITE_FULL:
        return RefluxError(
            .system, found: "the disk is full, an answer was not kept", at: place,
            remedy: "Make room and resume the run: every answer before this one is kept.")
    case .SQLITE_BUSY, .SQLITE_LOCKED:
        return RefluxError(
            .system,
            found: "another process has held the response cache for "
                + "\(Int(ResponseCacheSchema.patience)) seconds", at: place,
            remedy: "Look which one with `fuser FILE`, or \(elsewhere).")
    case .SQLITE_READONLY, .SQLITE_PERM, .SQLITE_CANTOPEN, .SQLITE_AUTH:
        return RefluxError(
            .system, found: "the response cache cannot be written (\(detail(error)))", at: place,
            wanted: "a file in a folder, both writable",
            remedy: "Check the permissions, \(elsewhere).")
    default:
        return RefluxError(
            .system, found: "SQLite failed on the response cache (\(detail(error)))", at: place,
            remedy: "Check the disk, \(elsewhere).")
    }
}

private func detail(_ error: DatabaseError) -> String {
    "\(error.message ?? "no message"), code \(error.extendedResultCode.rawValue)"
}
