package import RefluxCore

/// Every check that a plugin passes before and while it is used. The raw value is the id that errors
/// end with, that `reflux plugin check --json` reports, and that the documentation lists.
public enum PluginCheck: String, Sendable, CaseIterable, Codable {
    // The manifest, from its bytes to what it means.
    /// The manifest is a regular file that can be read.
    case manifestRead = "manifest.read"
    /// It is not larger than 1 MiB.
    case manifestSize = "manifest.size"
    /// It is UTF-8 without NUL, and not empty.
    case manifestText = "manifest.text"
    /// It is one JSON object.
    case manifestJSON = "manifest.json"
    /// No object of it has a key twice.
    case manifestDuplicateKey = "manifest.duplicate-key"
    /// It is nested at most 32 deep.
    case manifestDepth = "manifest.depth"
    /// It has no unknown keys: a warning when loading, an error of `plugin check`.
    case manifestKeys = "manifest.keys"
    /// Every required field is there, and every field has its type and range.
    case manifestField = "manifest.field"
    /// Its `manifest_version` is known.
    case manifestVersion = "manifest.version"
    /// The plugin's id is well formed.
    case manifestID = "manifest.id"
    /// The id is the folder's name.
    case manifestFolder = "manifest.folder"
    /// The ABI is one that this host speaks.
    case manifestABI = "manifest.abi"
    /// A library for this platform is listed.
    case manifestPlatform = "manifest.platform"
    /// The kinds of its extensions are known.
    case manifestKind = "manifest.kind"
    /// Its extensions have well-formed ids of their own.
    case manifestExtension = "manifest.extension"
    /// The configuration schemas are ones that this host understands.
    case manifestSchema = "manifest.schema"
    /// The services and processor features that it requires are there.
    case manifestRequires = "manifest.requires"

    // Among the plugins of a run.
    /// A plugin of that name or path exists.
    case pluginFound = "plugin.found"
    /// No two enabled plugins have one id.
    case pluginDuplicate = "plugin.duplicate"
    /// No extension has the id of a built-in part.
    case pluginShadow = "plugin.shadow"
    /// The lock file has this plugin with these hashes.
    case pluginLock = "plugin.lock"

    // The library, before any of its code runs.
    /// The path stays inside the plugin's folder.
    case libraryPath = "library.path"
    /// The library is a regular file that can be read.
    case libraryRead = "library.read"
    /// Neither the library nor its folder can be written by everybody.
    case libraryPermissions = "library.permissions"
    /// Its size is the manifest's.
    case librarySize = "library.size"
    /// Its SHA-256 is the manifest's.
    case libraryHash = "library.hash"
    /// It is a whole 64-bit ELF shared library.
    case libraryELF = "library.elf"
    /// It was built for this processor.
    case libraryArchitecture = "library.architecture"
    /// It exports the entry function.
    case libraryEntry = "library.entry"
    /// It has not changed between check and load.
    case libraryChanged = "library.changed"

    // Loading.
    /// The dynamic loader accepts it.
    case loadOpen = "load.open"
    /// The entry function returns a table.
    case loadEntry = "load.entry"
    /// The table begins with the magic number.
    case loadMagic = "load.magic"
    /// The tables' struct_size is possible.
    case loadStructSize = "load.struct-size"
    /// Required functions are not NULL.
    case loadFunction = "load.function"
    /// Binary and manifest say the same.
    case loadAgreement = "load.agreement"
    /// init succeeded.
    case loadInit = "load.init"

    // Instances and calls.
    /// create succeeded.
    case instanceCreate = "instance.create"
    /// create gave a handle.
    case instanceHandle = "instance.handle"
    /// The function returned a known status, and it was not an error.
    case callStatus = "call.status"
    /// What came back is complete, finite and in range.
    case callResult = "call.result"
    /// Nothing was written outside the host's buffers.
    case callBounds = "call.bounds"
    /// The inputs were not changed.
    case callInput = "call.input"
    /// The call ended within its time.
    case callTime = "call.time"

    // Isolated plugins.
    /// The worker process could be started.
    case workerStart = "worker.start"
    /// The worker process did not die of a signal.
    case workerCrash = "worker.crash"
    /// The worker process did not exit by itself.
    case workerExit = "worker.exit"
    /// The worker answered within its time.
    case workerTime = "worker.time"
    /// The worker kept within its memory.
    case workerMemory = "worker.memory"
    /// The worker's answer could be understood.
    case workerProtocol = "worker.protocol"
}

extension PluginCheck {
    /// The error of this check.
    ///
    /// - Parameters:
    ///   - kind: `usage` for what the run file names wrongly, `input` for a bad plugin, `broken` for
    ///     one that breaks its contract while it is used.
    ///   - found: what was found.
    ///   - location: the file or the plugin; a line where it is known.
    ///   - wanted: what was wanted instead.
    ///   - remedy: what the user can do.
    /// - Returns: the error, with the check's id.
    package func error(
        _ kind: RefluxError.Kind = .input, found: String, at location: SourceLocation,
        wanted: String, remedy: String
    ) -> RefluxError {
        RefluxError(
            kind, found: found, at: location, wanted: wanted, remedy: remedy, check: rawValue)
    }
}
