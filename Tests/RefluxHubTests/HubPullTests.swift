import Foundation
import RefluxCore
import RefluxFiles
import RefluxNetwork
import TestServer
import Testing

@testable import RefluxHub

@Suite struct HubPullTests {
    private let folder: TemporaryFolder
    private let wanted = ["config.json", "model.safetensors", "tokenizer.json"]

    init() throws { folder = try TemporaryFolder() }

    private func expectWhole(sourceLocation: Testing.SourceLocation = #_sourceLocation) throws {
        #expect(
            folder.names == [".reflux-pull.json"] + wanted, sourceLocation: sourceLocation)
        for name in wanted {
            #expect(
                try folder.data(name) == Tiny.files[name], sourceLocation: sourceLocation)
        }
    }

    @Test func bringsWhatAModelNeedsAndARecord() async throws {
        let told = Told()
        try await HubScript.serving(Tiny.files, large: Tiny.large) { script in
            let result = try await Pull()(script, to: folder, told: told)
            #expect(result.commit == HubScript.commit)
            #expect(result.files.map(\.name) == wanted)
            #expect(
                result.downloadedBytes == wanted.reduce(0) { $0 + (Tiny.files[$1]?.count ?? 0) })
        }
        try expectWhole()
        let record = try #require(try PullRecord.read(folder.path))
        #expect(record.commit == HubScript.commit)
        #expect(record.files.map(\.digest.description).contains { $0.hasPrefix("sha256:") })
        #expect(record.files.map(\.digest.description).contains { $0.hasPrefix("git-blob:") })
        #expect(record.tags == nil)
        #expect(told.text.contains("model.safetensors  300.0 kB"))
        #expect(told.text.contains("to download: 303.5 kB"))
    }

    @Test func aFinishedPullVerifiesAndDownloadsNothing() async throws {
        let told = Told()
        try await HubScript.serving(Tiny.files, large: Tiny.large) { script in
            _ = try await Pull()(script, to: folder)
            let before = (script.hub.requests.count, script.network.requests.count)
            let again = try await Pull()(script, to: folder, told: told)
            #expect(again.downloadedBytes == 0)
            // The list alone.
            #expect(script.hub.requests.count == before.0 + 1)
            #expect(script.network.requests.count == before.1)
        }
        #expect(told.text.contains("all 3 files (303.5 kB) are in"))
        try expectWhole()
    }

    @Test func theTokenGoesToTheEndpointAlone() async throws {
        try await HubScript.serving(Tiny.files, large: Tiny.large) { script in
            _ = try await Pull(token: "hf_secret")(script, to: folder)
            #expect(
                script.hub.requests.allSatisfy {
                    $0.headers["authorization"] == "Bearer hf_secret"
                })
            #expect(script.network.requests.count == 1)
            #expect(
                script.network.requests.allSatisfy { request in
                    !request.headers.values.contains { $0.contains("hf_secret") }
                        && !request.path.contains("hf_secret")
                })
            // A signed address stays as it is.
            #expect(script.network.requests[0].path.hasSuffix("?signature=a%2Fb"))
        }
        for name in folder.names {
            #expect(!String(decoding: try folder.data(name), as: UTF8.self).contains("hf_secret"))
        }
    }

    @Test func aCutDownloadGoesOnWhereItStopped() async throws {
        try await HubScript.serving(
            Tiny.files, large: Tiny.large,
            network: { number, request in
                number < 2
                    ? HubScript.content(Tiny.weights, request, cut: 200_000 - 90_000 * number)
                    : nil
            },
            { script in
                let result = try await Pull()(script, to: folder)
                // Nothing twice.
                #expect(result.downloadedBytes <= 303_502)
                let ranges = script.network.requests.map { $0.headers["range"] }
                #expect(ranges.count == 3)
                #expect(ranges[0] == nil)
                #expect(ranges[1]?.hasPrefix("bytes=") == true)
                #expect(script.network.requests[1].headers["if-range"] == HubScript.tag)
            })
        try expectWhole()
    }

    @Test func aLaterCallGoesOnWithThePartAndItsTag() async throws {
        let cut: HubScript.Fault = { number, request in
            number == 0 ? HubScript.content(Tiny.weights, request, cut: 100_000) : nil
        }
        try await HubScript.serving(Tiny.files, large: Tiny.large, network: cut) { script in
            let hasty = Pull(policy: RetryPolicy(retries: 0))
            let error = await #expect(throws: RefluxError.self) {
                try await hasty(script, to: folder)
            }
            #expect(error?.description.contains("goes on where it stopped") == true)
            #expect(!folder.names.contains("model.safetensors"))
            let part = try Files.size(ofFile: folder.file("model.safetensors.part"))
            #expect(part > 0)
            #expect(part <= 200_000)
            _ = try await Pull()(script, to: folder)
            let last = try #require(script.network.requests.last)
            #expect(last.headers["range"] == "bytes=\(part)-")
            #expect(last.headers["if-range"] == HubScript.tag)
        }
        try expectWhole()
    }

    /// By a server that looks at `If-Range`, and by one that does not.
    @Test(arguments: [true, false])
    func aChangedTagBeginsAgain(_ isObeyed: Bool) async throws {
        let other = Data(Tiny.weights.reversed())
        try await HubScript.serving(
            Tiny.files, large: Tiny.large,
            network: { number, request in
                switch number {
                case 0: HubScript.content(other, request, tag: "\"old\"", cut: 100_000)
                case 1 where !isObeyed:
                    .bytes(
                        206, Data(Tiny.weights.dropFirst(200_000)),
                        ["etag": "\"new\"", "content-range": "bytes 200000-299999/300000"])
                default: nil
                }
            },
            { script in _ = try await Pull()(script, to: folder) })
        try expectWhole()
    }

    @Test func aDamagedPartIsFoundByItsHash() async throws {
        try await HubScript.serving(Tiny.files, large: Tiny.large) { script in
            let choice = HubPull.Choice(
                commit: HubScript.commit,
                files: try HubListing(
                    parsing: Data(HubScript.listing(Tiny.files, large: Tiny.large).utf8),
                    address: "test"
                ).files.filter { wanted.contains($0.name) })
            try PullRecord(
                repository: "owner/tiny", endpoint: "e", revision: "main", commit: choice.commit,
                files: choice.files, tags: [:]
            ).writeUnfinished(to: folder.path)
            try folder.write("not the beginning", to: "model.safetensors.part")
            _ = try await Pull()(script, to: folder)
            #expect(script.network.requests.map { $0.headers["range"] } == ["bytes=17-", nil])
        }
        try expectWhole()
    }

    @Test func aPartOfUnknownContentIsDropped() async throws {
        try folder.write("of another commit", to: "model.safetensors.part")
        try await HubScript.serving(Tiny.files, large: Tiny.large) { script in
            _ = try await Pull()(script, to: folder)
            #expect(script.network.requests.map { $0.headers["range"] } == [nil])
        }
        try expectWhole()
    }

    @Test func aWrongContentIsDroppedAndDownloadedOnceMore() async throws {
        let wrong = Data(Tiny.weights.reversed())
        try await HubScript.serving(
            Tiny.files, large: Tiny.large,
            network: { number, request in
                number == 0 ? HubScript.content(wrong, request) : nil
            },
            { script in
                _ = try await Pull()(script, to: folder)
                #expect(script.network.requests.count == 2)
            })
        try expectWhole()
    }

    @Test func aContentThatStaysWrongIsAnError() async throws {
        let wrong = Data(Tiny.weights.reversed())
        try await HubScript.serving(
            Tiny.files, large: Tiny.large,
            network: { HubScript.content(wrong, $1) },
            { script in
                let error = await #expect(throws: RefluxError.self) {
                    try await Pull()(script, to: folder)
                }
                #expect(error?.description.contains("not the one that the hub lists") == true)
                #expect(script.network.requests.count == 2)
            })
        #expect(!folder.names.contains("model.safetensors"))
        #expect(try folder.data("model.safetensors.part").isEmpty)
        #expect(try PullRecord.read(folder.path) == nil)
    }

    @Test func anotherAnnouncedHashEndsBeforeTheDownload() async throws {
        try await HubScript.serving(
            Tiny.files, large: [],
            hub: { _, request in
                request.path.hasSuffix("tokenizer.json")
                    ? .reply(200, "x", ["etag": "\"\(String(repeating: "b", count: 40))\""]) : nil
            },
            { script in
                let error = await #expect(throws: RefluxError.self) {
                    try await Pull()(script, to: folder)
                }
                #expect(error?.description.contains("hands out tokenizer.json") == true)
            })
    }

    @Test func aFileOfAnOlderCommitIsReplacedAndAnOwnOneIsNot() async throws {
        var old = Tiny.files
        old["config.json"] = Data("{\"old\": 1}".utf8)
        try await HubScript.serving(old, large: Tiny.large) { script in
            _ = try await Pull()(script, to: folder)
        }
        try await HubScript.serving(Tiny.files, large: Tiny.large) { script in
            let result = try await Pull()(script, to: folder)
            #expect(result.downloadedBytes == 2)
            try expectWhole()
            try folder.write("{\"mine\": 1}", to: "config.json")
            let error = await #expect(throws: RefluxError.self) {
                try await Pull()(script, to: folder)
            }
            #expect(error?.kind == .usage)
            #expect(error?.location?.path == folder.file("config.json"))
            #expect(try folder.data("config.json") == Data("{\"mine\": 1}".utf8))
        }
    }

    @Test func aFolderOfAnotherRepositoryIsRefused() async throws {
        try PullRecord(
            repository: "other/model", endpoint: "e", revision: "main", commit: "c", files: []
        ).write(to: folder.path)
        try await HubScript.serving(Tiny.files, large: Tiny.large) { script in
            let error = await #expect(throws: RefluxError.self) {
                try await Pull()(script, to: folder)
            }
            #expect(error?.description.contains("holds the files of other/model") == true)
        }
    }

    @Test func filesOfSeveralCallsStandInOneRecord() async throws {
        try await HubScript.serving(Tiny.files, large: Tiny.large) { script in
            _ = try await Pull(selection: .file("tiny.gguf"))(script, to: folder)
            _ = try await Pull(selection: .patterns(["*.onnx", "READ*"]))(script, to: folder)
        }
        let names = try #require(try PullRecord.read(folder.path)).files.map(\.name)
        #expect(names.sorted() == ["README.md", "onnx/model.onnx", "tiny.gguf"])
        #expect(try folder.data("onnx/model.onnx") == Data("graph".utf8))
    }

    @Test func aStalledServerIsLeft() async throws {
        try await HubScript.serving(
            Tiny.files, large: Tiny.large,
            network: { number, _ in number == 0 ? .hang : nil },
            { script in
                let told = Told()
                _ = try await Pull(idle: 1)(script, to: folder, told: told)
                #expect(told.text.contains("model.safetensors: the server sends nothing"))
            })
        try expectWhole()
    }
}
