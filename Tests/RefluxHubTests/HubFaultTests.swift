import Foundation
import RefluxCore
import RefluxNetwork
import TestServer
import Testing

@testable import RefluxHub

@Suite struct HubFaultTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func error(
        _ pull: Pull = Pull(), hub: @escaping HubScript.Fault
    ) async throws -> RefluxError? {
        try await HubScript.serving(Tiny.files, large: Tiny.large, hub: hub) { script in
            await #expect(throws: RefluxError.self) { try await pull(script, to: folder) }
        }
    }

    @Test(arguments: [
        (401, "", nil, "no such repository without a token", "HF_TOKEN"),
        (401, "", "hf_wrong", "refuses the token", "Check the token"),
        (401, "GatedRepo", nil, "is restricted", "put a token of that account"),
        (403, "GatedRepo", "hf_x", "is restricted", "with the account of the token"),
        (404, "RepoNotFound", nil, "there is no such repository", "Check the spelling"),
        (404, "RevisionNotFound", nil, "no revision \"main\"", "Leave --revision out"),
        (418, "", nil, "status 418", "another endpoint"),
    ])
    func refusalsSayWhatToDo(
        _ status: Int, _ code: String, _ token: String?, _ found: String, _ remedy: String
    ) async throws {
        let error = try await error(Pull(token: token)) { _, _ in
            .reply(
                status, "{\"error\": \"because of \(token ?? "nothing")\"}",
                code.isEmpty ? [:] : ["x-error-code": code])
        }
        let text = error?.description ?? ""
        #expect(text.contains(found), "\(text)")
        #expect(text.contains(remedy), "\(text)")
        #expect(error?.location?.path.hasSuffix("/owner/tiny") == true)
        if let token { #expect(!text.contains(token)) }
        #expect(folder.names.isEmpty)
    }

    @Test func aListedFileThatIsGone() async throws {
        let error = try await error { _, request in
            request.path.hasSuffix("config.json")
                ? .reply(404, "", ["x-error-code": "EntryNotFound"]) : nil
        }
        #expect(error?.description.contains("config.json is listed, but not there") == true)
    }

    @Test(arguments: [429, 500, 503])
    func passingFaultsAreAskedAgain(_ status: Int) async throws {
        try await HubScript.serving(
            Tiny.files, large: Tiny.large,
            hub: { number, _ in
                [0, 2].contains(number) ? .reply(status, "busy", ["retry-after": "0.05"]) : nil
            },
            network: { number, _ in number == 0 ? .reply(status, "busy") : nil },
            { script in
                let told = Told()
                _ = try await Pull()(script, to: folder, told: told)
                #expect(told.text.contains("status \(status): busy; asking again in"))
            })
        #expect(folder.names.contains("model.safetensors"))
    }

    @Test func theNumberOfTimesIsLimited() async throws {
        try await HubScript.serving(
            Tiny.files, large: Tiny.large, hub: { _, _ in .reply(502, "<html>bad</html>") },
            { script in
                let error = await #expect(throws: RefluxError.self) {
                    try await Pull()(script, to: folder)
                }
                #expect(error?.kind == .system)
                #expect(error?.description.contains("status 502; it was asked for 4 times") == true)
                #expect(script.hub.requests.count == 4)
            })
    }

    @Test func aPauseThatIsTooLongEndsAtOnce() async throws {
        let error = try await error { _, _ in .reply(429, "later", ["retry-after": "3600"]) }
        #expect(error?.description.contains("asked for 1 times") == true)
    }

    @Test func nobodyListens() async throws {
        let server = try await ScriptedServer { _, _ in .close }
        let address = server.origin
        try await server.stop()
        let error = await #expect(throws: RefluxError.self) {
            try await Pull()(address, to: folder.path)
        }
        #expect(error?.kind == .system)
        #expect(error?.description.contains("cannot be reached: connection refused") == true)
        #expect(error?.description.contains("HF_ENDPOINT") == true)
        #expect(folder.names.isEmpty)
    }

    @Test func aClosedConnectionIsAskedAgain() async throws {
        try await HubScript.serving(
            Tiny.files, large: Tiny.large, hub: { number, _ in number < 2 ? .close : nil },
            { script in _ = try await Pull()(script, to: folder) })
        #expect(folder.names.contains("model.safetensors"))
    }

    @Test func anExpiredAddressIsReplacedByANewOne() async throws {
        try await HubScript.serving(
            Tiny.files, large: Tiny.large,
            network: { number, _ in number == 0 ? .reply(403, "expired") : nil },
            { script in
                _ = try await Pull()(script, to: folder)
                let asked = script.hub.requests.filter { $0.path.contains("safetensors") }
                #expect(asked.count == 2)
            })
    }

    @Test(arguments: ["file:///etc/passwd", "ftp://127.0.0.1/x", ""])
    func aRedirectToSomethingElseIsRefused(_ location: String) async throws {
        let error = try await error { _, request in
            request.path.contains("config.json")
                ? .reply(302, "", location.isEmpty ? [:] : ["location": location]) : nil
        }
        #expect(error?.description.contains("the server redirects to") == true)
    }

    @Test func aCircleOfRedirectsEnds() async throws {
        let error = try await error { _, _ in .reply(307, "", ["location": "/api/again"]) }
        #expect(error?.description.contains("ever new addresses") == true)
    }

    @Test(arguments: [
        "../evil", "../\u{301}evil", "a/../\u{301}/../evil", "/etc/evil", "a/../../evil", "a//b",
        "a\\..\\b", "~/evil", "a\u{0}b", "..",
        "model.safetensors.part", ".reflux-pull.json", "",
    ])
    func namesThatLeaveTheFolderAreRefused(_ name: String) async throws {
        let files = [name: Data("evil".utf8), "config.json": Data("{}".utf8)]
        try await HubScript.serving(files, large: []) { script in
            let error = await #expect(throws: RefluxError.self) {
                try await Pull(selection: .patterns(["*"]))(script, to: folder)
            }
            #expect(error?.description.contains("stay inside of the model's folder") == true)
            #expect(script.hub.requests.count == 1)
        }
        #expect(folder.names.isEmpty)
    }

    @Test func aDiskThatIsTooSmallIsToldBefore() async throws {
        let listing = HubScript.commit
        let error = try await error { _, _ in
            .reply(
                200,
                "{\"sha\": \"\(listing)\", \"siblings\": [{\"rfilename\": \"model.safetensors\","
                    + " \"size\": 900000000000000000, \"lfs\": {\"size\": 900000000000000000, "
                    + "\"sha256\": \"\(String(repeating: "0", count: 64))\"}}]}")
        }
        #expect(error?.kind == .system)
        #expect(error?.description.contains("wanted 900000000.0 GB") == true)
    }

    @Test(arguments: [
        "", "[]", "{}", "{\"sha\": 3, \"siblings\": []}", "{\"sha\": \"main\", \"siblings\": []}",
        "{\"sha\": \"0123456789\", \"siblings\": [{\"rfilename\": \"a\"}]}",
        "{\"sha\": \"0123456789\", \"siblings\": [{\"rfilename\": \"a\", \"size\": -1, "
            + "\"blobId\": \"0123456789012345678901234567890123456789\"}]}",
        "<html></html>",
    ])
    func aListThatIsNoneIsRefused(_ text: String) async throws {
        let error = try await error { _, _ in .reply(200, text) }
        #expect(error?.kind == .input)
        #expect(error?.location?.path.contains("/api/models/owner/tiny/revision/main") == true)
    }
}
