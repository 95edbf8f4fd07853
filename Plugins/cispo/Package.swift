// swift-tools-version: 6.3
import PackageDescription

let package = Package(
    name: "cispo",
    products: [.library(name: "Cispo", type: .dynamic, targets: ["Cispo"])],
    dependencies: [.package(name: "kit", path: "../../Templates/kit")],
    targets: [
        .target(
            name: "Cispo", dependencies: [.product(name: "RefluxPluginKit", package: "kit")]),
        .testTarget(
            name: "CispoTests",
            dependencies: ["Cispo", .product(name: "RefluxPluginTesting", package: "kit")],
            path: "tests/CispoTests"),
    ]
)
