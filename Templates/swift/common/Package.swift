// swift-tools-version: 6.3
import PackageDescription

let package = Package(
    name: "{{id}}",
    products: [.library(name: "{{Module}}", type: .dynamic, targets: ["{{Module}}"])],
    dependencies: [.package(name: "kit", path: "{{kit}}")],
    targets: [
        .target(
            name: "{{Module}}", dependencies: [.product(name: "RefluxPluginKit", package: "kit")]),
        .testTarget(
            name: "{{Module}}Tests",
            dependencies: ["{{Module}}", .product(name: "RefluxPluginTesting", package: "kit")],
            path: "tests/{{Module}}Tests"),
    ]
)
