import Foundation
import RefluxCore
import RefluxFiles
import Synchronization

/// The weights that no engine trains, by model: engines that read the same model share them, a policy
/// with an adapter, its reference and a reward model with an adapter of its own among them.
///
/// Engines in different arithmetics share the parameters alone. Weights are kept as long as an engine has
/// them. Safe to use from any thread; opening holds a lock.
final class FrozenBodies: Sendable {
    private struct Key: Hashable {
        let path: String
        /// Name, inode, size and time of change of each file.
        let files: [String]
    }

    private struct Entry {
        weak var body: Transformer?
    }

    private let known = Mutex<[Key: [Arithmetic: Entry]]>([:])

    /// The weights of a model under its adapter, if it has one; loaded where no engine has them.
    ///
    /// - Throws: ``RefluxError``: kind `input` for the files, `system` when memory is short.
    func body(
        of folder: ModelFolder, arithmetic: Arithmetic, pool: ComputePool
    ) throws -> Transformer {
        let path = URL(fileURLWithPath: Files.expand(folder.path)).resolvingSymlinksInPath().path
        let key = Key(path: path, files: Self.identity(of: path))
        return try known.withLock { known in
            known = known.mapValues { $0.filter { $0.value.body != nil } }
                .filter { !$0.value.isEmpty }
            if let body = known[key]?[arithmetic]?.body { return body }
            let other = known[key]?.values.lazy.compactMap(\.body).first
            let body = try Transformer(
                folder.configuration, arithmetic: arithmetic, pool: pool, trainable: false,
                sharing: other)
            if other == nil {
                try folder.bodyWeights().load(body.layout, into: body.parameters)
            }
            known[key, default: [:]][arithmetic] = Entry(body: body)
            return body
        }
    }

    private static func identity(of path: String) -> [String] {
        let names = Files.isFolder(path) ? ((try? Files.list(path)) ?? []).map { "/\($0)" } : [""]
        return names.map { name in
            let file = try? FileManager.default.attributesOfItem(atPath: path + name)
            let date = (file?[.modificationDate] as? Date)?.timeIntervalSince1970
            return "\(name) \(file?[.systemFileNumber] ?? "") \(file?[.size] ?? "") \(date ?? 0)"
        }
    }
}
