import Foundation
import RefluxCore
import RefluxFiles

extension TemplateText {
    /// Copies a folder with everything in it, the names and contents filled in. What is not UTF-8 is
    /// copied as it is; permissions are kept; a file that is there already is replaced.
    func copy(_ source: String, to target: String) throws {
        for entry in try Files.list(source) {
            let old = "\(source)/\(entry)"
            let new = "\(target)/\(try fill(entry, path: old))"
            if Files.isFolder(old) {
                try Files.makeFolder(new)
                try copy(old, to: new)
            } else {
                let data = try Files.read(old)
                let text = String(data: data, encoding: .utf8)
                let filled = try text.map { Data(try fill($0, path: old).utf8) }
                try Files.writeAtomically(filled ?? data, to: new)
                if FileManager.default.isExecutableFile(atPath: old) {
                    try makeExecutable(new)
                }
            }
        }
    }

    private func makeExecutable(_ path: String) throws {
        do {
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
        } catch {
            throw RefluxError(
                .system, found: "it could not be made executable", at: SourceLocation(path: path))
        }
    }
}
