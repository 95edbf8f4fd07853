// swift-tools-version: 6.3
import PackageDescription

// One module a room; a room imports only what stands below it (docs/architecture.md).

// The kernels are arithmetic in C: they are optimised in debug builds too, so that the tests run at
// a useful speed.
let kernelSettings: [CSetting] = [.unsafeFlags(["-O3"])]

let package = Package(
    name: "reflux",
    products: [
        .executable(name: "reflux", targets: ["reflux"]),
        .library(name: "RefluxCore", targets: ["RefluxCore"]),
        .library(name: "RefluxPluginKit", targets: ["RefluxPluginKit"]),
        .library(name: "RefluxPluginTesting", targets: ["RefluxPluginTesting"]),
        .library(name: "RefluxTesting", targets: ["RefluxTesting"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
    ],
    targets: [
        // The boundary of plugins: headers only.
        .target(name: "CRefluxPlugin"),
        // What a worker process of a plugin leaves behind when a signal ends it.
        .target(name: "CRefluxWorker"),

        // System libraries, each a room of its own.
        .systemLibrary(
            name: "COpenBLAS", pkgConfig: "openblas", providers: [.apt(["libopenblas-dev"])]),
        .systemLibrary(
            name: "CPCRE2", pkgConfig: "libpcre2-8", providers: [.apt(["libpcre2-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(name: "COpenSSL", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(
            name: "CJansson", pkgConfig: "jansson", providers: [.apt(["libjansson-dev"])]),
        .systemLibrary(name: "CEditLine", pkgConfig: "libedit", providers: [.apt(["libedit-dev"])]),
        .target(
            name: "COneDNN", cSettings: kernelSettings, linkerSettings: [.linkedLibrary("dnnl")]),
        .target(
            name: "CKernels", cSettings: kernelSettings,
            linkerSettings: [.linkedLibrary("m"), .linkedLibrary("pthread")]),

        .target(name: "RefluxCore"),
        .target(name: "RefluxFiles", dependencies: ["RefluxCore", "CZlib", "COpenSSL"]),
        .target(name: "RefluxTasks", dependencies: ["RefluxCore", "RefluxFiles", "CPCRE2"]),
        .target(name: "RefluxRewards", dependencies: ["RefluxCore", "RefluxFiles"]),
        .target(name: "RefluxOptimizers", dependencies: ["RefluxCore"]),
        .target(
            name: "RefluxNetwork",
            dependencies: [
                "RefluxCore", .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
            ]),
        .target(
            name: "RefluxTeachers",
            dependencies: [
                "RefluxCore", "RefluxFiles", "RefluxNetwork",
                .product(name: "GRDB", package: "GRDB.swift"),
            ]),
        .target(name: "RefluxTerminal", dependencies: ["CEditLine"]),
        .target(name: "RefluxHub", dependencies: ["RefluxCore", "RefluxFiles", "RefluxNetwork"]),
        .target(
            name: "RefluxEngine",
            dependencies: [
                "RefluxCore", "RefluxFiles", "CKernels", "COpenBLAS", "COneDNN", "CPCRE2",
            ]),
        .target(
            name: "RefluxPluginHost",
            dependencies: [
                "RefluxCore", "RefluxFiles", "CRefluxPlugin", "CRefluxWorker", "CJansson",
            ]),
        .target(name: "RefluxPluginKit", dependencies: ["CRefluxPlugin"]),
        .target(
            name: "RefluxPluginTesting", dependencies: ["RefluxPluginKit", "CRefluxPlugin"]),
        .target(
            name: "RefluxPluginTools",
            dependencies: ["RefluxCore", "RefluxFiles", "RefluxPluginHost", "RefluxTesting"]),
        .target(
            name: "RefluxPipeline",
            dependencies: [
                "RefluxCore", "RefluxFiles", "RefluxTasks", "RefluxRewards", "RefluxOptimizers",
                "RefluxTeachers", "RefluxEngine", "RefluxHub", "RefluxTerminal",
                "RefluxPluginHost", .product(name: "Yams", package: "Yams"),
                .product(name: "Logging", package: "swift-log"),
            ]),
        .target(name: "RefluxTesting", dependencies: ["RefluxCore"]),
        .executableTarget(
            name: "reflux",
            dependencies: [
                "RefluxPipeline", "RefluxHub", "RefluxTerminal", "RefluxPluginHost",
                "RefluxPluginTools",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
            ]),

        .executableTarget(
            name: "plugin-cost",
            dependencies: [
                "RefluxCore", "RefluxPluginHost", "RefluxRewards", "RefluxOptimizers",
            ], path: "Benchmarks/PluginCost"),
        .executableTarget(
            name: "engine-bench",
            dependencies: ["RefluxCore", "RefluxEngine", "RefluxOptimizers"],
            path: "Benchmarks/EngineBench"),
        .executableTarget(
            name: "kernel-bench",
            dependencies: [
                "CKernels", .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ], path: "Benchmarks/Kernels"),

        // Mutated inputs for the readers of outside bytes (make fuzz).
        .target(
            name: "RefluxFuzz",
            dependencies: [
                "RefluxCore", "RefluxFiles", "RefluxTasks", "RefluxNetwork", "RefluxTeachers",
                "RefluxHub", "RefluxEngine", "RefluxTesting",
            ],
            path: "Tests/Fuzz/RefluxFuzz"),
        .executableTarget(
            name: "reflux-fuzz",
            dependencies: [
                "RefluxFuzz", .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ], path: "Tests/Fuzz/reflux-fuzz"),
        .testTarget(name: "RefluxFuzzTests", dependencies: ["RefluxFuzz"]),

        .testTarget(name: "RefluxCoreTests", dependencies: ["RefluxCore"]),
        .testTarget(name: "RefluxFilesTests", dependencies: ["RefluxFiles"]),
        .testTarget(
            name: "RefluxTasksTests",
            dependencies: ["RefluxTasks", "RefluxFiles", "RefluxTesting"],
            exclude: ["Fixtures"]),
        .testTarget(name: "RefluxRewardsTests", dependencies: ["RefluxRewards", "RefluxTesting"]),
        .testTarget(
            name: "RefluxOptimizersTests", dependencies: ["RefluxOptimizers", "RefluxTesting"]),
        .executableTarget(
            name: "CacheWriterForTests", dependencies: ["RefluxTeachers"],
            path: "Tests/CacheWriterForTests"),
        .testTarget(
            name: "RefluxTeachersTests",
            dependencies: [
                "RefluxTeachers", "RefluxNetwork", "RefluxTesting", "TestServer",
                "CacheWriterForTests", .product(name: "GRDB", package: "GRDB.swift"),
            ]),
        .testTarget(
            name: "RefluxHubTests",
            dependencies: ["RefluxHub", "RefluxFiles", "RefluxNetwork", "TestServer"]),
        // An HTTP server that replies as a test's script says.
        .target(
            name: "TestServer",
            dependencies: [
                "RefluxFiles", .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
            ], path: "Tests/TestServer"),
        .testTarget(
            name: "RefluxEngineTests", dependencies: ["RefluxEngine", "RefluxFiles"],
            resources: [.copy("Fixtures")]),
        .executableTarget(
            name: "RefluxWorkerForTests", dependencies: ["RefluxPluginHost", "RefluxTesting"],
            path: "Tests/RefluxWorkerForTests"),
        .target(
            name: "PluginCorpus", dependencies: ["RefluxCore", "RefluxFiles", "RefluxPluginHost"],
            path: "Tests/PluginCorpus", exclude: ["README.md"]),
        .testTarget(
            name: "RefluxPluginHostTests",
            dependencies: [
                "RefluxPluginHost", "RefluxTesting", "CRefluxPlugin", "PluginCorpus",
                "RefluxWorkerForTests", "RefluxRewards", "RefluxOptimizers",
            ]),
        .testTarget(
            name: "RefluxPluginKitTests",
            dependencies: ["RefluxPluginKit", "RefluxPluginTesting", "CRefluxPlugin"]),
        .testTarget(
            name: "RefluxPluginToolsTests",
            dependencies: [
                "RefluxPluginTools", "RefluxPluginHost", "RefluxTesting", "PluginCorpus", "reflux",
            ]),
        .testTarget(
            name: "RefluxPipelineTests",
            dependencies: [
                "RefluxPipeline", "RefluxEngine", "RefluxTerminal", "RefluxPluginHost",
                "RefluxTesting", "PluginCorpus", "TestServer", "reflux",
            ]),
    ],
    cLanguageStandard: .gnu17
)

for target in package.targets where target.type != .system {
    guard !target.name.hasPrefix("C") else { continue }
    target.swiftSettings = [
        .swiftLanguageMode(.v6),
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .treatAllWarnings(as: .error),
    ]
}
