/// Keys and values that are kept from one turn of a conversation to the next: those of the last
/// prompt, with which the next one begins.
///
/// The last answer is computed again, as a part of the next prompt: its text may become other tokens
/// there, and its blocks do not lie where those of a prompt do.
///
/// Holds for one model with unchanged weights. Not safe for several threads.
final class ConversationCache {
    let cache: KeyValueCache
    let prefixes = PrefixIndex()
    /// The last prompt whose keys and values are all computed.
    var last: CachedPrompt?

    /// Makes an empty cache.
    init(_ model: Transformer) {
        cache = KeyValueCache(model.configuration, arithmetic: model.arithmetic)
    }
}
