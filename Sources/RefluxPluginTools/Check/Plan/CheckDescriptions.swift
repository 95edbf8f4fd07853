import RefluxPluginHost

extension PluginCheck {
    /// What the check wants, in a line.
    var line: String {
        switch self {
        case .manifestRead: "plugin.json is a regular file that can be read"
        case .manifestSize: "plugin.json is not larger than 1 MiB"
        case .manifestText: "plugin.json is UTF-8 without NUL, and not empty"
        case .manifestJSON: "plugin.json is one JSON object"
        case .manifestDuplicateKey: "no object of plugin.json has a key twice"
        case .manifestDepth: "plugin.json is nested at most 32 deep"
        case .manifestKeys: "plugin.json has no unknown keys"
        case .manifestField: "every field is there, with its type and range"
        case .manifestVersion: "the manifest's version is known"
        case .manifestID: "the plugin's id is well formed"
        case .manifestFolder: "the id is the folder's name"
        case .manifestABI: "the ABI is one that this host speaks"
        case .manifestPlatform: "a library for this platform is listed"
        case .manifestKind: "the kinds of the extensions are known"
        case .manifestExtension: "the extensions have well-formed ids of their own"
        case .manifestSchema: "the configuration schemas are of the known subset"
        case .manifestRequires: "what the plugin requires is there"
        case .libraryPath: "the library's path stays in the plugin's folder"
        case .libraryRead: "the library is a regular file that can be read"
        case .libraryPermissions: "nobody but its owner can change the library"
        case .librarySize: "the library's size is the manifest's"
        case .libraryHash: "the library's SHA-256 is the manifest's"
        case .libraryELF: "the library is a whole 64-bit ELF shared library"
        case .libraryArchitecture: "the library was built for this processor"
        case .libraryEntry: "the library exports reflux_plugin_entry_v1"
        case .libraryChanged: "the library does not change between check and load"
        case .loadOpen: "the dynamic loader accepts the library, and its constructors return"
        case .loadEntry: "the entry function returns a table"
        case .loadMagic: "the table begins with the magic number"
        case .loadStructSize: "the tables' struct_size is possible"
        case .loadFunction: "required functions are not NULL"
        case .loadAgreement: "binary and manifest say the same"
        case .loadInit: "init succeeds"
        default: rawValue
        }
    }

    /// The checks of the manifest.
    static let manifestChecks = allCases.filter { $0.rawValue.hasPrefix("manifest.") }
    /// The checks of the library's file.
    static let libraryChecks = allCases.filter {
        $0.rawValue.hasPrefix("library.") && $0 != .libraryChanged
    }
    /// The checks of loading; the first one stands for whatever has no check of its own.
    static let loadChecks =
        allCases.filter { $0.rawValue.hasPrefix("load.") } + [.libraryChanged]
}
