import Foundation
import RefluxCore
import RefluxFiles
import Testing

@Suite struct WholeFolderTests {
    private struct Interruption: Error {}

    @Test func aFolderAppearsWhenItIsWhole() async throws {
        try await withTemporaryFolder { folder in
            let path = folder + "/new"
            try await Files.writeFolderAtomically(path) { temporary in
                #expect(temporary == path + ".partial")
                #expect(!Files.exists(path))
                try Files.makeFolder(temporary + "/inner")
                try Files.writeAtomically(Data("x".utf8), to: temporary + "/inner/file")
            }
            #expect(try Files.readText(path + "/inner/file") == "x")
            #expect(try names(in: folder) == ["new"])
        }
    }

    @Test func anOlderFolderIsReplacedOnlyByAWholeOne() async throws {
        try await withTemporaryFolder { folder in
            let path = folder + "/kept/"
            try Files.makeFolder(path)
            try Files.writeAtomically(Data("old".utf8), to: path + "old")
            await #expect(throws: Interruption.self) {
                try await Files.writeFolderAtomically(path) { temporary in
                    try Files.writeAtomically(Data(), to: temporary + "/half")
                    throw Interruption()
                }
            }
            #expect(try names(in: folder) == ["kept"])
            #expect(try Files.readText(path + "old") == "old")
            try await Files.writeFolderAtomically(path) { temporary in
                try Files.writeAtomically(Data("new".utf8), to: temporary + "/new")
            }
            #expect(try names(in: folder) == ["kept"])
            #expect(try names(in: path) == ["new"])
        }
    }

    @Test func whatAKilledProcessLeftIsSweptAway() async throws {
        try await withTemporaryFolder { folder in
            try Files.makeFolder(folder + "/a.partial")
            try Files.writeAtomically(Data(), to: folder + "/a.partial/stale")
            try await Files.writeFolderAtomically(folder + "/a") { temporary in
                try Files.writeAtomically(Data(), to: temporary + "/fresh")
            }
            #expect(try names(in: folder + "/a") == ["fresh"])
        }
    }
}
