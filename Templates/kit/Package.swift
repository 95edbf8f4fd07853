// swift-tools-version: 6.3
import PackageDescription

// What plugins in Swift are built with: the kit, and a host for their tests.

let package = Package(
    name: "kit",
    products: [
        .library(name: "RefluxPluginKit", targets: ["RefluxPluginKit"]),
        .library(name: "RefluxPluginTesting", targets: ["RefluxPluginTesting"]),
    ],
    targets: [
        .target(name: "CRefluxPlugin"),
        .target(name: "RefluxPluginKit", dependencies: ["CRefluxPlugin"]),
        .target(
            name: "RefluxPluginTesting", dependencies: ["RefluxPluginKit", "CRefluxPlugin"]),
    ],
    cLanguageStandard: .gnu17
)

for target in package.targets where !target.name.hasPrefix("C") {
    target.swiftSettings = [
        .swiftLanguageMode(.v6),
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("MemberImportVisibility"),
    ]
}
