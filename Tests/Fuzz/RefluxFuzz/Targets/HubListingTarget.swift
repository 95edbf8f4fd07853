import Foundation
import RefluxCore
import RefluxHub

extension FuzzTargets {
    /// The reader of what the hub lists of a repository.
    ///
    /// Beyond not trapping: sizes are not negative, names that are chosen stay inside of a folder, and
    /// what is no list is refused by a `RefluxError`.
    @Sendable package static func hubListing(data: String?) throws -> FuzzTarget {
        let repository = try HubRepository(parsing: "owner/tiny")
        return FuzzTarget(
            name: "hub-listing", seeds: listings.map { Array($0.utf8) }, words: words,
            timed: [
                ("listing", { _ = try? HubListing(parsing: Data($0), address: "a") })
            ], shapes: shapes
        ) { input in
            do {
                let listing = try HubListing(parsing: Data(input), address: "a")
                try check(listing.files)
                let everything = FileSelection.patterns(["*"])
                for file in try everything.choose(from: listing.files, of: repository) {
                    try check(name: file.name)
                }
            } catch is RefluxError {
            } catch let finding as FuzzFinding {
                throw finding
            } catch {
                throw FuzzFinding("a \(type(of: error)) reached the caller: \(error)")
            }
        }
    }

    private static func check(_ files: [HubFile]) throws {
        for file in files where file.size < 0 { throw FuzzFinding("\(file.size) bytes") }
    }

    /// By Foundation's own idea of paths.
    private static func check(name: String) throws {
        let path = URL(filePath: "/models/tiny/\(name)").standardizedFileURL.path
        guard path.utf8.starts(with: "/models/tiny/".utf8), !name.utf8.contains(0) else {
            throw FuzzFinding("the name \(name.debugDescription)")
        }
    }
}

private let zeros = String(repeating: "0", count: 40)

private let listings = [
    #"{"id":"a/b","sha":"0123456789abcdef","gated":"manual","siblings":[{"rfilename":"config.json","#
        + #""size":3,"blobId":"\#(zeros)"},{"rfilename":"a/model.safetensors","size":135,"#
        + #""blobId":"\#(zeros)","lfs":{"sha256":"\#(zeros)000000000000000000000000","size":7,"#
        + #""pointerSize":135}}]}"#,
    #"{"sha":"0123456","siblings":[]}"#, #"{"error":"Repository not found"}"#,
]

private let words = [
    "{", "}", "[", "]", ":", ",", "\"", "\\", "\\u0000", "null", "-1", "1e999",
    "9223372036854775808", "\"sha\"", "\"siblings\"", "\"rfilename\"", "\"size\"", "\"lfs\"",
    "..", "../", "../\u{301}", "/\u{301}",
    "/", "~", "//", "/./", ".part", ".reflux-pull.json",
    "\\u002e\\u002e",
]

private let shapes: [FuzzShape] =
    ["1", "\"", "[", "{\"a\":", "{}", " "].map { FuzzShape(repeating: $0) } + [
        FuzzShape(
            repeating: #"{"rfilename":"a","size":1,"blobId":"\#(zeros)"},"#,
            from: #"{"sha":"0123456","siblings":["#, to: "{}]}"),
        FuzzShape(
            repeating: "../", from: #"{"sha":"0123456","siblings":[{"rfilename":""#, to: #""}]}"#),
    ]
