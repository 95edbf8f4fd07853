/// A language that `reflux plugin new` has templates for.
public enum PluginLanguage: String, Sendable, CaseIterable {
    /// Swift, by way of RefluxPluginKit.
    case swift
    /// C, on the header alone.
    case c
    /// C++, by way of `reflux.hpp`.
    case cpp
    /// Rust, by way of `reflux.rs`.
    case rust
}
