// swift-tools-version: 6.3
import PackageDescription

let package = Package(
    name: "length-aware-agreement",
    products: [
        .library(name: "LengthAwareAgreement", type: .dynamic, targets: ["LengthAwareAgreement"])
    ],
    dependencies: [.package(name: "kit", path: "../../Templates/kit")],
    targets: [
        .target(
            name: "LengthAwareAgreement",
            dependencies: [.product(name: "RefluxPluginKit", package: "kit")]),
        .testTarget(
            name: "LengthAwareAgreementTests",
            dependencies: [
                "LengthAwareAgreement", .product(name: "RefluxPluginTesting", package: "kit"),
            ],
            path: "tests/LengthAwareAgreementTests"),
    ]
)
