import CRefluxPlugin
import RefluxPluginKit
import RefluxPluginTesting
import Testing

/// A rule with a default that is out of its bounds.
private struct Mistaken: PseudoRewardRule {
    static let about = About(
        id: "mistaken", title: "", description: "",
        settings: [
            .number("share", default: 2, in: 0...1, "a share"), .boolean("share", "a doublet"),
        ])
    init(_ settings: Settings, host: HostInfo) {}
    func judge(_ group: ResponseGroup, call: Call) -> Judgement { Judgement(verdicts: []) }
}

private let mistaken = Plugin(
    id: "mistaken", version: "1.0.0", license: "MIT", description: "",
    extensions: [.rule(Mistaken.self)])

@Suite("Plugins") struct PluginTests {
    @Test("wrong declarations are told when the plugin starts")
    func problems() {
        #expect { try MockHost(entry: mistaken.table) } throws: { error in
            "\(error)".contains("the setting \"share\" twice")
                && "\(error)".contains("has to be a number from 0.0 to 1.0")
        }
    }

    @Test("the table is always the same one and says what the author said")
    func table() {
        #expect(samples.table == samples.table)
        let plugin = samples.table.pointee
        #expect(plugin.extension_count == 5)
        #expect(plugin.min_host_minor == 0)
    }
}
