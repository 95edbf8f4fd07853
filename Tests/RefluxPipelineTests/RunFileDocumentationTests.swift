import Foundation
import PluginCorpus
import RefluxCore
import RefluxTesting
import Testing

@testable import RefluxPipeline

/// `docs/run-file.md` and the code say the same.
@Suite struct RunFileDocumentationTests {
    private let manual: RunFileManual
    private let folder: TemporaryFolder

    init() throws {
        manual = try RunFileManual()
        folder = try TemporaryFolder()
        // No part of it is used: its library need not be there.
        let manifest = try JSONSerialization.data(
            withJSONObject: PluginBuilder().soundManifest(Data([0])))
        try folder.write(String(decoding: manifest, as: UTF8.self), to: "sample/plugin.json")
    }

    static let examples: [String] = {
        let names = try? FileManager.default.contentsOfDirectory(
            atPath: "\(RunFileManual.root)/Examples")
        return (names ?? []).filter { $0.hasSuffix(".yaml") }.sorted()
    }()

    /// The built-in parts by the section that names them.
    private func parts() throws -> [String: [String]] {
        let registry = try builtInRegistry()
        return [
            "task": registry.list(.task).map(\.id), "label": registry.list(.rule).map(\.id),
            "teachers": registry.list(.teacher).map(\.id),
            "reward": registry.list(.rewardModel).map(\.id),
            "reinforce": registry.list(.optimizer).map(\.id),
        ]
    }

    /// The shortest run file in which a section names a part.
    private func bare(_ section: String, use: String?) -> (text: String, prefix: String) {
        var sections = [
            "run": "{name: bare}", "task": "{use: word-problems}", "prepare": "{}",
            "teachers": "[{use: local-model, model: t}]", "student": "{model: s}",
            "plugins": "[{use: \(folder.path)/sample}]",
            "variants": "[{name: v, set: {reinforce.steps: 3}}]",
        ]
        switch (section, use) {
        case ("teachers", "recorded"):
            sections["teachers"] = "[{use: recorded, path: a.jsonl}]"
            sections["reward"] = "{body: student}"
        case ("teachers", "openai-compatible"):
            sections["teachers"] = "[{use: openai-compatible, base_url: http://h/v1, model: m}]"
            sections["reward"] = "{body: student}"
        case ("task", "gsm8k"), ("task", "mmlu-pro"), ("task", "choices"), ("task", "numeric"):
            sections["task"] = "{use: \(use ?? ""), data: d}"
        case ("label", "weighted-sum"), ("label", "ensemble"):
            let rules = "[{use: teacher-majority}, {use: overlong}]"
            sections["label"] = "{use: \(use ?? ""), rules: \(rules)}"
        case ("reward", "ensemble"):
            sections["reward"] = "{use: ensemble, members: [{use: pairwise}, {use: implicit}]}"
        case ("label", "teacher-judge"):
            sections["label"] = "{use: teacher-judge, judge: {use: local-model, model: t}}"
        case ("teachers", _): break
        case (_, let use?): sections[section] = "{use: \(use)}"
        default: break
        }
        let text = sections.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)\n" }.joined()
        let isList = ["teachers", "plugins", "variants"].contains(section)
        return (text, isList ? "\(section).0" : section)
    }

    @Test func everySectionAndEveryPartIsOnThePage() throws {
        #expect(Self.examples.count >= 4)
        let sections = Set(manual.places.map(\.section))
        #expect(sections == Set(SectionReader.names))
        for place in manual.places {
            let names = (manual.tables[place] ?? []).map(\.name)
            #expect(Set(names).count == names.count, "a key stands twice: \(names)")
        }
        for (section, ids) in try parts() {
            let row = try #require(manual.key("use", section: section, use: nil))
            #expect(row.value == "one of \(ids.joined(separator: ", "))")
            // A rule without keys has no table.
            let documented = manual.places.filter { $0.section == section }.compactMap(\.use)
            #expect(documented.sorted() == ids.filter { $0 != "gold" }, "\(section)")
        }
    }

    @Test func everyDefaultIsAsOnThePage() throws {
        for (section, ids) in try parts() {
            for id in ids { try checkDefaults(section, use: id) }
        }
        for section in Set(manual.places.map(\.section)).subtracting(try parts().keys) {
            try checkDefaults(section, use: nil)
        }
    }

    private func checkDefaults(_ section: String, use: String?) throws {
        let bare = bare(section, use: use)
        let resolved = try folder.configuration(bare.text).resolved(section).tables[0].leaves
        #expect(!resolved.isEmpty)
        for (key, value) in resolved where key != "use" {
            let row = manual.key(key, section: section, use: use)
            let place = "\(section) \(use ?? ""): \(key)"
            guard let row else {
                Issue.record("\(place) is not on the page")
                continue
            }
            guard !row.isComputed, row.defaultText != "required" else { continue }
            let documented = try row.defaultValue()
            #expect(documented == value.comparable, "\(place)")
        }
        // What has a default is read, and so stands in the resolved form.
        let uses: [String?] = use == nil ? [nil] : [nil, use]
        for row in uses.flatMap({ manual.tables[.init(section: section, use: $0)] ?? [] }) {
            let isResolved = resolved.contains { $0.key == row.name }
            #expect(isResolved == (row.defaultText != "none"), "\(section): \(row.name)")
        }
    }

    @Test func everyKeyOnThePageIsReadAndTakesTheValuesThatThePageSays() throws {
        for place in manual.places {
            for row in manual.tables[place] ?? [] where row.name != "use" {
                let bare = bare(place.section, use: place.use)
                let key = "\(bare.prefix).\(row.name)"
                let found = try wanted(of: key, in: bare.text)
                #expect(found == row.value, "\(place.section) \(place.use ?? ""): \(row.name)")
            }
        }
    }

    /// What an error says is wanted of a key, when it holds a value of a wrong kind.
    private func wanted(of key: String, in text: String) throws -> String? {
        if let list = refusal(of: key, "1", in: text)?.wanted, list == "a list of tables" {
            return list
        }
        let first = refusal(of: key, "[{wrong: 1}]", in: text)?.wanted
        guard first == "a text" || first == "a list of texts" else {
            return first?.replacing(/(\d)\.0\b/) { $0.1 }
        }
        let second = refusal(of: key, "no such value", in: text)?.wanted ?? ""
        return second.hasPrefix("one of ") || second.hasPrefix("some of ") ? second : first
    }

    private func refusal(of key: String, _ value: String, in text: String) -> RefluxError? {
        do {
            _ = try folder.configuration(text, overrides: ["\(key)=\(value)"])
            return nil
        } catch {
            return error as? RefluxError
        }
    }

    @Test(arguments: examples)
    func everyKeyOfTheExamplesIsOnThePage(_ name: String) throws {
        let text = try String(
            contentsOfFile: "\(RunFileManual.root)/Examples/\(name)", encoding: .utf8)
        let configuration = try folder.configuration(text)
        for section in SectionReader.names {
            let tables = configuration.resolved(section).tables
            let given = (configuration.source[section]?.value ?? .null).tables
            for (index, table) in tables.enumerated() {
                let source = index < given.count ? given[index].leaves.map(\.key) : []
                let use = table.leaves.first { $0.key == "use" }?.value
                for (key, value) in table.leaves {
                    let row = manual.key(key, section: section, use: use?.text)
                    let place = "\(section): \(key)"
                    #expect(row != nil, "\(place) is not on the page")
                    guard let row, !source.contains(key), !row.isComputed else { continue }
                    // A table that is absent unless it is given has no defaults on the page.
                    let around = key.split(separator: ".").dropLast().joined(separator: ".") + "."
                    let isGiven = source.contains { $0.hasPrefix(around) }
                    if row.defaultText == "none", isGiven { continue }
                    let documented = try row.defaultValue()
                    #expect(documented == value.comparable, "\(place)")
                }
            }
        }
    }

    @Test func theExamplesOnThePageAreRunFiles() throws {
        let page = try String(
            contentsOfFile: "\(RunFileManual.root)/docs/run-file.md", encoding: .utf8)
        let blocks = page.components(separatedBy: "```yaml\n").dropFirst()
            .compactMap { $0.components(separatedBy: "```").first }
        #expect(blocks.count == 2)
        for block in blocks { _ = try folder.configuration(block) }
    }

    @Test func theAblationIsTheQuickstartWithVariants() throws {
        let read = { (name: String) in
            let path = "\(RunFileManual.root)/Examples/\(name)"
            return try YAMLReader.read(String(contentsOfFile: path, encoding: .utf8), path: path)
        }
        var quickstart = try read("quickstart.yaml")
        var ablation = try read("quickstart-ablation.yaml")
        let name = try ConfigurationOverride(parsing: "run.name=same")
        quickstart = try name.applied(to: quickstart)
        ablation = try name.applied(to: ablation)
        guard case .table(let entries) = ablation.value else {
            Issue.record("no table")
            return
        }
        #expect(entries.last?.key == "variants")
        let others = ConfigurationValue.table(entries.dropLast())
        #expect(others.withoutPlaces == quickstart.value.withoutPlaces)
    }
}

extension ConfigurationValue {
    /// The text, when it is one.
    fileprivate var text: String? {
        if case .string(let text) = self { text } else { nil }
    }
}
