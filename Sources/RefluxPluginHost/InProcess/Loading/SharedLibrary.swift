import Glibc
import RefluxCore

/// A library that the dynamic loader took into this process, for good: unloading code that a language
/// runtime knows of ends in a crash.
struct SharedLibrary: @unchecked Sendable {
    /// Its path.
    let path: String
    /// The loader's handle; equal for equal libraries.
    let handle: UnsafeMutableRawPointer

    /// Loads a library; its constructors run.
    ///
    /// - Throws: `RefluxError` of the check `load.open`.
    init(_ path: String) throws {
        guard let handle = dlopen(path, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE) else {
            throw PluginCheck.loadOpen.error(
                found: "the dynamic loader refuses it: \(Self.reason(path))",
                at: SourceLocation(path: path), wanted: "a library with all that it needs",
                remedy: "Link what is missing into the library, or install it; "
                    + "ldd -r lists what it needs.")
        }
        self.path = path
        self.handle = handle
    }

    /// A function of the library by its name.
    func symbol(_ name: String) -> UnsafeMutableRawPointer? { dlsym(handle, name) }

    private static func reason(_ path: String) -> String {
        guard let message = dlerror() else { return "it does not say why" }
        let text = String(cString: message)
        return text.hasPrefix("\(path): ") ? String(text.dropFirst(path.count + 2)) : text
    }
}
