import Testing

@testable import RefluxEngine

struct TokenizerByteAlphabetTests {
    @Test func everyByteGoesThereAndBack() {
        let bytes = (0...255).map(UInt8.init)
        #expect(ByteAlphabet.decode(ByteAlphabet.encode(bytes)) == bytes)
    }

    @Test func theSpaceIsWrittenAsGPT2WritesIt() {
        #expect(ByteAlphabet.encode(Array(" a\n".utf8)) == "ĠaĊ")
    }

    @Test func otherCharactersAreRefused() {
        #expect(ByteAlphabet.decode("a b") == nil)
        #expect(ByteAlphabet.decode("日") == nil)
    }
}
