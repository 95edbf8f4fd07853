import Foundation
import RefluxCore
import RefluxFiles
public import RefluxPluginHost

/// Writes the project of a new plugin out of the templates: `reflux plugin new`.
///
/// The project is made in a folder beside and renamed when it is whole, so a failure leaves nothing
/// behind. Whatever stood in the way is kept.
///
/// ```swift
/// let scaffold = try PluginScaffold(
///     name: ScaffoldName("length-bonus", builtIns: []), language: .c, kind: .pseudoRewardRule,
///     author: "A. Author", year: 2026)
/// try scaffold.write(to: "length-bonus", resources: resources)
/// ```
public struct PluginScaffold: Sendable {
    /// The name.
    public var name: ScaffoldName
    /// The language of the templates.
    public var language: PluginLanguage
    /// What the plugin provides.
    public var kind: PluginKind
    /// The name for people, one line.
    public var title: String
    /// Who holds the rights.
    public var author: String
    /// The year of the copyright.
    public var year: Int

    /// Makes a scaffold.
    ///
    /// - Parameters:
    ///   - name: the plugin's name.
    ///   - language: the language of the templates.
    ///   - kind: what the plugin provides.
    ///   - title: the name for people; made of the name when it is left out.
    ///   - author: who holds the rights.
    ///   - year: the year of the copyright.
    /// - Throws: `RefluxError` of kind `usage` for a title or an author that could not stand in a
    ///   source file.
    public init(
        name: ScaffoldName, language: PluginLanguage, kind: PluginKind, title: String? = nil,
        author: String, year: Int
    ) throws {
        self.name = name
        self.language = language
        self.kind = kind
        self.title = title ?? name.title
        self.author = author
        self.year = year
        try Self.checkLine(self.title, option: "--title")
        try Self.checkLine(author, option: "--author")
    }

    /// Writes the project.
    ///
    /// - Parameters:
    ///   - folder: the project's folder. It must not be there, or be empty.
    ///   - resources: the templates and what they name.
    ///   - force: moves a folder that is there to `FOLDER.old` instead of refusing.
    /// - Returns: where the folder that was there went, if it did.
    /// - Throws: `RefluxError`: the folder is taken, there are no such templates, the disk refuses.
    @discardableResult
    public func write(to folder: String, resources: PluginResources, force: Bool = false) throws
        -> String?
    {
        let target = URL(fileURLWithPath: Files.expand(folder)).standardizedFileURL.path
        let isTaken = try isTaken(target)
        if isTaken, !force {
            throw RefluxError(
                .usage, found: "something stands there already",
                at: SourceLocation(path: folder), wanted: "no folder or an empty one",
                remedy: "Name another with --folder, or move it to \(folder).old with --force.")
        }
        let parent = (target as NSString).deletingLastPathComponent
        let last = (target as NSString).lastPathComponent
        let partial = "\(parent)/.\(last).\(ProcessInfo.processInfo.processIdentifier).partial"
        try Files.makeFolder(parent)
        try Files.remove(partial)
        do {
            try Files.makeFolder(partial)
            try copyTemplates(of: resources, to: partial)
            let old = isTaken ? freeName(target) : nil
            if let old { try move(target, to: old) } else { try Files.remove(target) }
            try move(partial, to: target)
            return old
        } catch {
            try? Files.remove(partial)
            throw error
        }
    }

    private func copyTemplates(of resources: PluginResources, to folder: String) throws {
        let language = "\(resources.templates)/\(language.rawValue)"
        for part in ["common", kind.name] where !Files.isFolder("\(language)/\(part)") {
            throw RefluxError(
                .usage, found: "no template", at: SourceLocation(path: "\(language)/\(part)"),
                wanted: "a folder with the files of a \(kind.name) in \(self.language.rawValue)",
                remedy: "Take another --language or --kind, or repair the installation.")
        }
        let text = TemplateText(values: values(of: resources))
        for part in ["common", kind.name] {
            try text.copy("\(language)/\(part)", to: folder)
        }
    }

    private func values(of resources: PluginResources) -> [String: String] {
        [
            "id": name.id, "symbol": name.symbol, "Module": name.module, "title": title,
            "kind": kind.name, "include": resources.include, "kit": resources.kit,
            "rust": resources.rust, "author": author, "year": "\(year)",
        ]
    }

    private func isTaken(_ path: String) throws -> Bool {
        guard Files.exists(path) else { return false }
        return try !Files.isFolder(path) || !Files.list(path).isEmpty
    }

    private func freeName(_ path: String) -> String {
        var name = "\(path).old"
        var number = 2
        while Files.exists(name) {
            name = "\(path).old.\(number)"
            number += 1
        }
        return name
    }

    private func move(_ old: String, to new: String) throws {
        do {
            try FileManager.default.moveItem(atPath: old, toPath: new)
        } catch {
            throw RefluxError(
                .system, found: "the folder could not be renamed to \(new)",
                at: SourceLocation(path: old), remedy: "Check who owns the folder above it.")
        }
    }

    private static func checkLine(_ text: String, option: String) throws {
        let isPlain = text.unicodeScalars.allSatisfy { scalar in
            !"\"\\{}*".unicodeScalars.contains(scalar) && scalar.value >= 32 && scalar.value != 127
        }
        guard isPlain, !text.isEmpty, text.count <= 100 else {
            throw RefluxError(
                .usage, found: "\(option) \"\(text)\"",
                wanted: "1 to 100 characters without quotes, backslashes, braces, asterisks and"
                    + " control characters",
                remedy: "Give a plain line; it goes into source files as it is.")
        }
    }
}
