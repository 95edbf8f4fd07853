import Foundation
import RefluxCore
import RefluxFiles

/// Where the templates and what plugins are built against lie on this machine.
///
/// Beside an installed binary: `share/reflux/templates`, `include`, `share/reflux/kit` and
/// `share/reflux/rust` of its prefix. Out of a build folder: the source tree above it.
public struct PluginResources: Sendable, Equatable {
    /// The folder with `LANGUAGE/common` and `LANGUAGE/KIND`.
    public var templates: String
    /// The folder that has `reflux/reflux.h`.
    public var include: String
    /// The Swift package with RefluxPluginKit.
    public var kit: String
    /// The folder with the Rust binding, `reflux.rs`.
    public var rust: String

    /// Takes paths as they are.
    public init(templates: String, include: String, kit: String, rust: String) {
        self.templates = templates
        self.include = include
        self.kit = kit
        self.rust = rust
    }

    /// Finds the resources that belong to a binary.
    ///
    /// - Parameter executable: the absolute path of the binary that runs.
    /// - Returns: where they lie; only the templates' folder is known to be there.
    /// - Throws: `RefluxError` of kind `system` when neither an installation nor a source tree is
    ///   around the binary.
    public static func locate(executable: String) throws -> PluginResources {
        let binary = URL(fileURLWithPath: executable).resolvingSymlinksInPath().path
        let prefix = parent(of: parent(of: binary))
        if Files.isFolder("\(prefix)/share/reflux/templates") { return installed(in: prefix) }
        var folder = parent(of: binary)
        while folder != "/" {
            if Files.isFolder("\(folder)/Templates"), Files.exists("\(folder)/Package.swift") {
                return sources(in: folder)
            }
            folder = parent(of: folder)
        }
        throw RefluxError(
            .system, found: "no templates of plugins beside it",
            at: SourceLocation(path: executable),
            wanted: "\(prefix)/share/reflux/templates, or a source tree around the binary",
            remedy: "Install Reflux with make install PREFIX=…, or name them with --templates.")
    }

    private static func installed(in prefix: String) -> PluginResources {
        PluginResources(
            templates: "\(prefix)/share/reflux/templates", include: "\(prefix)/include",
            kit: "\(prefix)/share/reflux/kit", rust: "\(prefix)/share/reflux/rust")
    }

    private static func sources(in root: String) -> PluginResources {
        PluginResources(
            templates: "\(root)/Templates", include: "\(root)/Sources/CRefluxPlugin/include",
            kit: "\(root)/Templates/kit", rust: "\(root)/Templates/rust")
    }

    private static func parent(of path: String) -> String {
        (path as NSString).deletingLastPathComponent
    }
}
