/// Small `tokenizer.json` files, one a kind.
enum TokenizerSeed {
    static var all: [String] { [plain, split, characters(true), characters(false)] }

    private static let added = """
        [{"id":4,"content":"<e>","single_word":false,"lstrip":false,"rstrip":true,\
        "normalized":false,"special":true}]
        """
    private static let byteLevel = """
        {"type":"ByteLevel","add_prefix_space":false,"trim_offsets":true,"use_regex":true}
        """
    private static let model = """
        {"type":"BPE","vocab":{"a":0,"b":1,"ab":2,"Ġ":3},"merges":["a b"],"ignore_merges":true}
        """

    private static var plain: String {
        """
        {"version":"1.0","added_tokens":\(added),"normalizer":{"type":"NFC"},\
        "pre_tokenizer":\(byteLevel),"post_processor":\(byteLevel),"decoder":\(byteLevel),\
        "model":\(model)}
        """
    }

    private static var split: String {
        let pattern = #"{"Regex":"\\p{L}+|\\s+(?!\\S)|\\s+"}"#
        return """
            {"added_tokens":\(added),"normalizer":null,"pre_tokenizer":{"type":"Sequence",\
            "pretokenizers":[{"type":"Digits","individual_digits":true},{"type":"Split",\
            "pattern":\(pattern),"behavior":"MergedWithNext","invert":false},\(byteLevel)]},\
            "post_processor":{"type":"TemplateProcessing","single":[\
            {"SpecialToken":{"id":"<e>","type_id":0}},{"Sequence":{"id":"A","type_id":0}}]},\
            "decoder":\(byteLevel),"model":\(model)}
            """
    }

    private static func characters(_ prepends: Bool) -> String {
        let bytes = (0..<256).map { byte in
            let digits = String(byte, radix: 16, uppercase: true)
            return "\"<0x\(digits.count == 1 ? "0" : "")\(digits)>\":\(byte)"
        }.joined(separator: ",")
        let normalizer = """
            {"type":"Sequence","normalizers":[{"type":"Prepend","prepend":"▁"},\
            {"type":"Replace","pattern":{"String":" "},"content":"▁"}]}
            """
        let metaspace = """
            {"type":"Metaspace","replacement":"▁","prepend_scheme":"first","split":true}
            """
        let decoder = """
            {"type":"Sequence","decoders":[{"type":"Replace","pattern":{"String":"▁"},\
            "content":" "},{"type":"ByteFallback"},{"type":"Fuse"},\
            {"type":"Strip","content":" ","start":1,"stop":0}]}
            """
        return """
            {"added_tokens":[],"normalizer":\(prepends ? normalizer : "null"),\
            "pre_tokenizer":\(prepends ? "null" : metaspace),"post_processor":null,\
            "decoder":\(prepends ? decoder : metaspace),"model":{"type":"BPE","vocab":{\(bytes),\
            "a":256,"b":257,"ab":258,"▁":259},"merges":[["a","b"]],"byte_fallback":true}}
            """
    }
}
