import Foundation
import RefluxFuzz

/// The process that reads the inputs. It notes the index of each before it reads it, in a file that
/// outlives it.
struct FuzzWorker {
    /// A worker stops after so many findings: they are rarely of different kinds.
    static let mostFindings = 20
    /// Where index and findings stand.
    let folder: String

    /// The file with the index of the input that is being read.
    var position: String { "\(folder)/position" }
    /// The findings, one a line.
    var findings: String { "\(folder)/findings.jsonl" }

    /// Reads a range of inputs.
    func run(_ target: FuzzTarget, seed: UInt64, _ range: Range<Int>) throws {
        try Data().write(to: URL(fileURLWithPath: position))
        let place = try FileHandle(forWritingTo: URL(fileURLWithPath: position))
        var count = 0
        try FuzzLoop(target, seed: seed).run(
            range,
            before: { index in
                let digits = String(index)
                let padding = String(repeating: " ", count: 20 - digits.utf8.count)
                try place.seek(toOffset: 0)
                try place.write(contentsOf: Data((digits + padding).utf8))
            },
            found: { finding in
                try append(finding)
                count += 1
                return count < Self.mostFindings
            })
    }

    /// Adds a finding to the file.
    func append(_ finding: FuzzLoop.Finding) throws {
        let url = URL(fileURLWithPath: findings)
        let old = (try? Data(contentsOf: url)) ?? Data()
        try (old + JSONEncoder().encode(finding) + Data([0x0A])).write(to: url)
    }

    /// The index that was noted last.
    func noted() -> Int? {
        (try? String(contentsOfFile: position, encoding: .utf8))
            .flatMap { Int($0.trimmingCharacters(in: .whitespaces)) }
    }

    /// What was found so far.
    func found() throws -> [FuzzLoop.Finding] {
        guard let data = FileManager.default.contents(atPath: findings) else { return [] }
        return try data.split(separator: 0x0A).map {
            try JSONDecoder().decode(FuzzLoop.Finding.self, from: Data($0))
        }
    }
}
