import Foundation
import RefluxCore
import RefluxFiles

extension PluginManifest {
    /// The file's name in a plugin's folder.
    package static let fileName = "plugin.json"
    /// What the user can do about most faults.
    static let remedy =
        "Correct it, or generate it again: reflux plugin manifest LIBRARY --output plugin.json."

    /// Reads and checks the manifest of a plugin. Runs no code of the plugin, never waits for a
    /// file that is none, and touches nothing outside the folder.
    ///
    /// The checks come in the order of ``PluginCheck``: the file, its text, its JSON, the
    /// manifest's version, id and folder, the ABI, then each field. Unknown keys are no fault but
    /// go to ``warnings``. The library is not looked at: ``PluginLibrary/verify(_:)`` does that.
    ///
    /// ```swift
    /// let manifest = try PluginManifest.read(folder: "/usr/lib/reflux/plugins/length-penalty")
    /// let library = try PluginLibrary.verify(manifest)
    /// ```
    ///
    /// - Parameter folder: the plugin's folder. Symbolic links are followed; the name of the folder
    ///   they lead to has to be the plugin's id.
    /// - Returns: the manifest.
    /// - Throws: ``RefluxError`` of kind `input`, with the line and key where they are known and the
    ///   id of the check.
    public static func read(folder: String) throws -> PluginManifest {
        try read(folder: folder, host: .current)
    }

    /// Reads and checks a manifest for a host.
    package static func read(folder: String, host: HostPlatform) throws -> PluginManifest {
        let folder = try resolved(folder)
        let file = "\(folder)/\(fileName)"
        let bytes = try bytes(of: file, in: folder)
        let root = try JSONDocument.parse(bytes, at: SourceLocation(path: file))
        var manifest = try ManifestReader(root, file: file, host: host).read(folder: folder)
        manifest.sha256 = Files.sha256(of: Data(bytes))
        _ = try manifest.library(for: host)
        return manifest
    }

    /// The library for a platform.
    ///
    /// - Throws: ``RefluxError`` with the check `manifest.platform` when there is none.
    package func library(for host: HostPlatform = .current) throws -> Library {
        if let library = libraries.first(where: {
            $0.os == host.os && $0.architecture == host.architecture
        }) {
            return library
        }
        let offered = libraries.map { "\($0.os) \($0.architecture)" }.joined(separator: ", ")
        throw PluginCheck.manifestPlatform.error(
            found: "libraries for \(offered)", at: SourceLocation(path: path, key: "libraries"),
            wanted: "one for \(host.name)",
            remedy: "Install a version of the plugin for this platform, or build it here.")
    }

    private static func resolved(_ folder: String) throws -> String {
        let given = Files.expand(folder)
        do {
            let path = try PluginFile.realPath(given)
            guard try PluginFile.Status(path).oddity == "a folder" else {
                throw FileFault(text: "it is a file")
            }
            return path
        } catch let fault as FileFault {
            throw PluginCheck.manifestRead.error(
                found: fault.isAbsence ? "there is no such folder" : fault.text,
                at: SourceLocation(path: given), wanted: "the folder of a plugin",
                remedy: "Check the path.")
        }
    }

    private static func bytes(of file: String, in folder: String) throws -> [UInt8] {
        let place = SourceLocation(path: file)
        do {
            let target = try PluginFile.realPath(file)
            guard target.hasPrefix("\(folder)/") else {
                throw FileFault(text: "a symbolic link that leads to \(quoted(target))")
            }
            let bytes = try PluginFile(target).read(limit: JSONDocument.sizeLimit)
            guard bytes.count <= JSONDocument.sizeLimit else {
                throw PluginCheck.manifestSize.error(
                    found: "more than \(JSONDocument.sizeLimit) bytes", at: place,
                    wanted: "at most \(JSONDocument.sizeLimit) bytes",
                    remedy: "Leave out what does not belong there.")
            }
            return bytes
        } catch let fault as FileFault {
            throw PluginCheck.manifestRead.error(
                found: fault.text, at: place,
                wanted: "a regular file in the plugin's folder that can be read",
                remedy: fault.isAbsence
                    ? "Check the path; a plugin is a folder with a plugin.json."
                    : "Put the manifest itself there.")
        }
    }
}
