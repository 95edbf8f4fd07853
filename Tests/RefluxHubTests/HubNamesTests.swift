import Foundation
import RefluxCore
import RefluxFiles
import Testing

@testable import RefluxHub

@Suite struct HubNamesTests {
    private let repository: HubRepository

    init() throws { repository = try HubRepository(parsing: "owner/tiny") }

    private func files(_ names: String...) -> [HubFile] {
        names.map {
            HubFile(name: $0, size: 1, digest: .gitBlob(String(repeating: "0", count: 40)))
        }
    }

    @Test func repositories() throws {
        #expect("\(try HubRepository(parsing: "Qwen/Qwen2.5-0.5B")))".hasPrefix("Qwen/Qwen2.5"))
        for text in [
            "", "gpt2", "a/b/c", "/b", "a/", "a/..", "../b", "a/b c", "a/-b", "ü/b", "a/b?",
        ] {
            #expect(throws: RefluxError.self, "\(text)") { try HubRepository(parsing: text) }
        }
    }

    @Test func endpoints() throws {
        let place = RefluxCore.SourceLocation(path: "--endpoint")
        let endpoint = try HubEndpoint(parsing: "https://Mirror.example/hub/", at: place)
        #expect(
            endpoint.file("a b/c#.json", of: repository, commit: "main")
                == "https://Mirror.example/hub/owner/tiny/resolve/main/a%20b/c%23.json")
        #expect(
            endpoint.listing(of: repository, revision: "refs/pr/1").hasSuffix(
                "/revision/refs%2Fpr%2F1?blobs=true"))
        let url = { try #require(URL(string: $0)) }
        #expect(endpoint.holds(try url("https://mirror.example:443/other")))
        #expect(!endpoint.holds(try url("http://mirror.example/hub")))
        #expect(!endpoint.holds(try url("https://mirror.example:8443/hub")))
        #expect(!endpoint.holds(try url("https://mirror.example.evil.org/hub")))
        #expect(!endpoint.holds(try url("https://mirror.example@evil.org/hub")))
        for text in ["", "mirror", "ftp://a", "https://", "https://a/?b", "https://u:p@a/"] {
            #expect(throws: RefluxError.self, "\(text)") {
                try HubEndpoint(parsing: text, at: place)
            }
        }
    }

    @Test func shardsComeByTheirIndex() throws {
        let all = files(
            "config.json", "model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors",
            "model.safetensors.index.json", "consolidated.safetensors", "tokenizer.model",
            "pytorch_model.bin", "original/model-00001-of-00001.safetensors", "LICENSE",
            "chat_template.jinja")
        let names = try FileSelection.model.choose(from: all, of: repository).map(\.name)
        #expect(
            names == [
                "config.json", "model-00001-of-00002.safetensors",
                "model-00002-of-00002.safetensors", "model.safetensors.index.json",
                "tokenizer.model", "chat_template.jinja",
            ])
    }

    @Test func aRepositoryWithoutSafetensorsNamesItsGGUFFiles() {
        let all = files("a-q4.gguf", "a-q8.gguf", "README.md")
        let error = #expect(throws: RefluxError.self) {
            try FileSelection.model.choose(from: all, of: repository)
        }
        #expect(error?.description.contains("--file: a-q4.gguf, a-q8.gguf.") == true)
        let pickled = #expect(throws: RefluxError.self) {
            try FileSelection.model.choose(from: files("pytorch_model.bin"), of: repository)
        }
        #expect(pickled?.description.contains("another repository") == true)
    }

    @Test func aFileThatIsNotThereIsSuggested() {
        let all = files("a-q4.gguf", "a-q8.gguf")
        let error = #expect(throws: RefluxError.self) {
            try FileSelection.file("a-q4.guf").choose(from: all, of: repository)
        }
        #expect(error?.description.contains("Did you mean \"a-q4.gguf\"?") == true)
        let none = #expect(throws: RefluxError.self) {
            try FileSelection.patterns(["*.gguf", "*.json"]).choose(from: all, of: repository)
        }
        #expect(none?.description.contains("no file fits \"*.json\"") == true)
    }

    @Test func gitNamesAreThoseOfGit() throws {
        let folder = try TemporaryFolder()
        // git hash-object, for "hello\n" and for nothing.
        try folder.write("hello\n", to: "a")
        try folder.write("", to: "b")
        #expect(
            try Files.gitBlobName(ofFile: folder.file("a"))
                == "ce013625030ba8dba906f756967f9e9ca394464a")
        #expect(
            try Files.gitBlobName(ofFile: folder.file("b"))
                == "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391")
    }
}
