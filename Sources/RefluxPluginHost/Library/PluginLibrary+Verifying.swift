import CRefluxPlugin
import Foundation
import RefluxCore
import RefluxFiles

extension PluginLibrary {
    /// The largest library that is accepted, in bytes: 1 GiB.
    static let sizeLimit = 1 << 30

    /// Makes every check of a library that needs none of its code: the path stays in the plugin's
    /// folder; it is a regular file that can be read; neither it nor a folder on the way from the
    /// plugin's folder can be written by everybody (a folder with the sticky bit, in which only
    /// owners rename and remove, is let through); size and SHA-256 are the manifest's; it is a whole
    /// 64-bit ELF shared library for this processor that exports `reflux_plugin_entry_v1`.
    ///
    /// The file is read once; hash and format are those of the same bytes. What it costs is the
    /// reading and hashing of the library. The checks come in the order of ``PluginCheck``.
    ///
    /// These are checks of compatibility and of accidents. They do not make a hostile library safe:
    /// once loaded it may do what the user may do.
    ///
    /// - Parameter manifest: a manifest that was read from the plugin's folder.
    /// - Returns: the library; call ``confirmUnchanged()`` before and after loading it.
    /// - Throws: ``RefluxError`` of kind `input` with the id of the check.
    public static func verify(_ manifest: PluginManifest) throws -> PluginLibrary {
        try verify(manifest, host: .current)
    }

    /// Checks the library for a platform.
    package static func verify(
        _ manifest: PluginManifest, host: HostPlatform
    ) throws -> PluginLibrary {
        let listed = try manifest.library(for: host)
        let path = try resolvedPath(listed, of: manifest)
        let place = SourceLocation(path: path)
        do {
            let file = try PluginFile(path)
            try checkPermissions(path, file.status, upTo: manifest.folder)
            try checkSize(file.status.size, listed, at: place)
            let bytes = try file.read(limit: file.status.size)
            guard try file.currentStatus() == file.status, bytes.count == file.status.size else {
                throw changed(at: place)
            }
            let sha256 = Files.sha256(of: Data(bytes))
            guard sha256 == listed.sha256 else {
                throw PluginCheck.libraryHash.error(
                    found: "SHA-256 \(sha256)", at: place,
                    wanted: "the manifest's, \(listed.sha256)", remedy: reinstall)
            }
            try checkFormat(bytes, at: place, host: host)
            return PluginLibrary(
                manifest: manifest, path: path, sha256: sha256, identity: file.status.identity)
        } catch let fault as FileFault {
            throw PluginCheck.libraryRead.error(
                found: fault.text, at: place, wanted: "a regular file that can be read",
                remedy: reinstall)
        }
    }

    /// Sees that the file at the path is still the one that was checked: the same device, inode,
    /// size and times. Called just before the library is loaded and once more behind it.
    ///
    /// - Throws: ``RefluxError`` with the check `library.changed`.
    public func confirmUnchanged() throws {
        let now = try? PluginFile.Status(path).identity
        guard now == identity else { throw Self.changed(at: SourceLocation(path: path)) }
    }

    private static let reinstall =
        "Build or install the plugin again, manifest and library together."

    private static func changed(at place: SourceLocation) -> RefluxError {
        PluginCheck.libraryChanged.error(
            found: "another file than the one that was checked", at: place,
            wanted: "a library that stays as it is while it is loaded",
            remedy: "Run again when nothing builds or installs the plugin.")
    }

    /// The absolute path without symbolic links, which lies in the plugin's folder.
    private static func resolvedPath(
        _ library: PluginManifest.Library, of manifest: PluginManifest
    ) throws -> String {
        let path = library.path
        let index = manifest.libraries.firstIndex(of: library) ?? 0
        let place = SourceLocation(path: manifest.path, key: "libraries[\(index)].path")
        guard path.utf8.first != UInt8(ascii: "/"), !Files.parts(of: path).contains("..") else {
            throw PluginCheck.libraryPath.error(
                found: "the path \(quoted(path))", at: place,
                wanted: "a path in the plugin's folder, without \"..\"",
                remedy: "Move the library into the folder.")
        }
        let full = "\(manifest.folder)/\(path)"
        do {
            let resolved = try PluginFile.realPath(full)
            guard resolved.hasPrefix("\(manifest.folder)/") else {
                throw PluginCheck.libraryPath.error(
                    found: "\(quoted(path)), a symbolic link that leads to \(quoted(resolved))",
                    at: place, wanted: "a path in the plugin's folder",
                    remedy: "Copy the library into the folder.")
            }
            return resolved
        } catch let fault as FileFault {
            throw PluginCheck.libraryRead.error(
                found: fault.text, at: SourceLocation(path: full),
                wanted: "a regular file that can be read", remedy: reinstall)
        }
    }

    private static func checkPermissions(
        _ path: String, _ status: PluginFile.Status, upTo folder: String
    ) throws {
        var path = path
        var status = status
        while true {
            guard !status.isWritableByAll else {
                let thing = status.oddity == nil ? "a file" : "a folder"
                throw PluginCheck.libraryPermissions.error(
                    found: "\(thing) that everybody may write", at: SourceLocation(path: path),
                    wanted: "a library that only its owner can replace",
                    remedy: "Take the right away: chmod o-w \(path)")
            }
            guard path.hasPrefix("\(folder)/"), let slash = path.lastIndex(of: "/") else { return }
            path = String(path[..<slash])
            status = try PluginFile.Status(path)
        }
    }

    private static func checkSize(
        _ size: Int, _ library: PluginManifest.Library, at place: SourceLocation
    ) throws {
        guard size == library.size else {
            throw PluginCheck.librarySize.error(
                found: size == 0 ? "an empty file" : "\(size) bytes", at: place,
                wanted: "the manifest's size, \(library.size) bytes", remedy: reinstall)
        }
        guard size <= sizeLimit else {
            throw PluginCheck.librarySize.error(
                found: "\(size) bytes", at: place, wanted: "at most \(sizeLimit) bytes",
                remedy: "Keep data in files of its own.")
        }
    }

    private static func checkFormat(
        _ bytes: [UInt8], at place: SourceLocation, host: HostPlatform
    ) throws {
        let elf: ELFReader
        do {
            elf = try ELFReader(bytes)
        } catch {
            throw wrongFormat(error.found, at: place)
        }
        guard elf.architecture == host.architecture else {
            throw PluginCheck.libraryArchitecture.error(
                found: "a library for \(elf.architecture)", at: place,
                wanted: "one for \(host.architecture)",
                remedy: "Build the library for this processor, and its manifest.")
        }
        guard let dynamic = elf.dynamic else {
            throw wrongFormat("an ELF file without a dynamic section", at: place)
        }
        guard !dynamic.isExecutable else { throw wrongFormat("an executable", at: place) }
        guard elf.exportsFunction(REFLUX_PLUGIN_ENTRY_SYMBOL, dynamic) else {
            throw PluginCheck.libraryEntry.error(
                found: "a library that does not export \(REFLUX_PLUGIN_ENTRY_SYMBOL)", at: place,
                wanted: "that function, visible to the host",
                remedy: "Define it, and declare it with REFLUX_EXPORT.")
        }
    }

    private static func wrongFormat(_ found: String, at place: SourceLocation) -> RefluxError {
        PluginCheck.libraryELF.error(
            found: found, at: place, wanted: "a whole 64-bit ELF shared library",
            remedy: "Build it with -shared -fPIC, and its manifest again.")
    }
}
