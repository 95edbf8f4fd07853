import Foundation
import RefluxCore
import Testing

@testable import RefluxFiles

@Suite struct FilesTests {
    @Test func aWrittenFileReadsBack() throws {
        try withTemporaryFolder { folder in
            let data = Data((0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) })
            try Files.writeAtomically(data, to: folder + "/a")
            #expect(try Files.read(folder + "/a") == data)
            try Files.writeAtomically(Data("short".utf8), to: folder + "/a")
            #expect(try Files.readText(folder + "/a") == "short")
            #expect(try names(in: folder) == ["a"])
        }
    }

    /// A combining mark makes one character of a slash, but not of the bytes.
    @Test func pathsAreCutByBytes() {
        #expect(Files.parts(of: "../\u{301}a/b") == ["..", "\u{301}a", "b"])
        #expect(Files.parts(of: "/a//b") == ["", "a", "", "b"])
        #expect(Files.parts(of: "") == [""])
    }

    @Test func aMissingFileIsNamed() throws {
        let error = #expect(throws: RefluxError.self) { try Files.read("/nowhere/at/all") }
        #expect(error?.kind == .input)
        #expect(error?.description == "/nowhere/at/all: there is no such file. Check the path.")
    }

    @Test func aFolderIsNotAFile() throws {
        let error = #expect(throws: RefluxError.self) { try Files.read("/tmp") }
        #expect(error?.description == "/tmp: it is a folder; wanted a file.")
    }

    @Test func aMissingFolderIsNamedByTheFilesName() throws {
        let error = #expect(throws: RefluxError.self) {
            try Files.writeAtomically(Data("x".utf8), to: "/nowhere/at/all")
        }
        #expect(error?.location?.path == "/nowhere/at/all")
        #expect(error?.found == "its folder does not exist")
    }

    @Test func aFullDiskLeavesTheOldFileAndNoTemporaryFile() throws {
        try withTemporaryFolder { folder in
            let path = folder + "/a"
            try Files.writeAtomically(Data("old".utf8), to: path)
            let error = #expect(throws: RefluxError.self) {
                try Files.replace(path) { file in
                    try file.write(Data("half".utf8))
                    // The kernel's device that is always full.
                    try OpenFile("/dev/full", .append).write(Data("new".utf8))
                }
            }
            #expect(error?.kind == .system)
            #expect(error?.found.contains("disk is full") == true)
            #expect(error?.remedy != nil)
            #expect(try Files.readText(path) == "old")
            #expect(try names(in: folder) == ["a"])
        }
    }

    @Test func textIsUTF8AndLosesItsMark() throws {
        try withTemporaryFolder { folder in
            try Files.writeAtomically(Data([0xEF, 0xBB, 0xBF, 0x61]), to: folder + "/a")
            #expect(try Files.readText(folder + "/a") == "a")
            try Files.writeAtomically(Data([0xFF, 0xFE]), to: folder + "/b")
            let error = #expect(throws: RefluxError.self) { try Files.readText(folder + "/b") }
            #expect(error?.description.contains("\(folder)/b: the text is not UTF-8") == true)
        }
    }

    @Test func foldersAreMadeWithTheirParentsAndRemovedWhole() throws {
        try withTemporaryFolder { folder in
            let deep = folder + "/a/b/c/"
            try Files.makeFolder(deep)
            try Files.makeFolder(deep)
            #expect(Files.isFolder(deep))
            try Files.writeAtomically(Data(), to: deep + "f")
            #expect(Files.exists(deep + "f") && !Files.isFolder(deep + "f"))
            #expect(throws: RefluxError.self) { try Files.makeFolder(deep + "f") }
            #expect(throws: RefluxError.self) { try Files.makeFolder(deep + "f/g") }
            try Files.remove(folder + "/a")
            try Files.remove(folder + "/a")
            #expect(try names(in: folder).isEmpty)
        }
    }

    @Test func removingALinkKeepsWhatItNames() throws {
        try withTemporaryFolder { folder in
            try Files.makeFolder(folder + "/kept")
            try FileManager.default.createSymbolicLink(
                atPath: folder + "/link", withDestinationPath: folder + "/kept")
            try Files.remove(folder + "/link")
            #expect(try names(in: folder) == ["kept"])
        }
    }

    @Test func aTildeIsTheHomeFolder() {
        #expect(Files.expand("~/x") == NSHomeDirectory() + "/x")
        #expect(Files.expand("~") == NSHomeDirectory())
        #expect(Files.expand("a/~/x") == "a/~/x")
        #expect(Files.expand("~someone/x") == "~someone/x")
    }

    @Test(arguments: [("a/b", "a"), ("b", "."), ("/b", "/"), ("/a/b/", "/a"), ("/", "/")])
    func parents(path: String, parent: String) {
        #expect(Files.parentFolder(of: path) == parent)
    }
}
