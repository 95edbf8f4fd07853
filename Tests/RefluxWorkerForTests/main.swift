import Foundation
import RefluxCore
import RefluxPluginHost
import RefluxTesting

// The worker program of the tests. It serves plugins as `reflux plugin-worker` does; for a folder
// `doubles` it serves the stand-ins of this target instead. With the argument `host` it is itself a
// host, of a plugin that tells of its process and then loops without end.
if CommandLine.arguments.contains("host") {
    let services = PluginServices(log: { _, _, text in
        FileHandle.standardOutput.write(Data("\(text)\n".utf8))
    })
    let plugin = IsolatedPlugin(id: "doubles", folder: "/doubles", services: services)
    let rule = try plugin.makeRule(ExtensionRequest(extensionID: "loops-aloud", name: "rule"))
    _ = try await rule.judge(PseudoRewardRuleConformance.group([]))
}
exit(
    PluginWorker.run { setUp, services in
        setUp.folder.hasSuffix("/doubles")
            ? Doubles(services: services)
            : try PluginWorker.load(setUp, services)
    })
