import RefluxPluginHost

/// Libraries whose code has begun to run, but that the host must not use.
public let loadCases: [CorpusCase] =
    loaderCases + structCases + functionCases + entryCases + agreementCases + initCases

private let library = "$PLUGIN/lib/linux-*/sample.so: "
private let author = "This is a fault of the plugin: tell its author."

/// The entry function returns a copy of the plugin's table that these lines of C changed; `altered`
/// is a copy of the extension, which `EXTENSIONS` may list.
private func changing(
    _ lines: String, extensions: String? = nil,
    manifest: @escaping @Sendable (inout [String: Any]) -> Void = { _ in }
) -> @Sendable (String) throws -> String {
    { folder in
        var plugin = PluginBuilder()
        plugin.code = """
            static const reflux_plugin plugin;
            static const reflux_extension extension;
            static reflux_extension altered;
            static const reflux_plugin *changed(void) {
                static reflux_plugin copy;
                copy = plugin;
                altered = extension;
                \(lines)
                return &copy;
            }
            """
        plugin.definitions["ENTRY"] = "changed()"
        plugin.definitions["EXTENSIONS"] = extensions
        plugin.manifest = manifest
        return try plugin.build(in: folder)
    }
}

private func defining(_ name: String, _ value: String) -> @Sendable (String) throws -> String {
    { folder in
        var plugin = PluginBuilder()
        plugin.definitions[name] = value
        return try plugin.build(in: folder)
    }
}

private let loaderCases = [
    CorpusCase(
        "load/undefined-symbol", stage: .load, check: .loadOpen,
        message: library + "the dynamic loader refuses it: undefined symbol: missing_function; "
            + "wanted a library with all that it needs. Link what is missing into the library, or "
            + "install it; ldd -r lists what it needs. [load.open]",
        make: { folder in
            var plugin = PluginBuilder()
            plugin.code = """
                int32_t missing_function(const reflux_host *, reflux_call *);
                static int32_t my_init(const reflux_host *host, reflux_call *call) {
                    return missing_function(host, call);
                }
                """
            plugin.definitions["INIT"] = "my_init"
            return try plugin.build(in: folder)
        }),
    CorpusCase(
        "load/missing-dependency", stage: .load, check: .loadOpen,
        message: library + "the dynamic loader refuses it: libabsent.so: cannot open shared object "
            + "file: No such file or directory; wanted a library with all that it needs. Link what "
            + "is missing into the library, or install it; ldd -r lists what it needs. [load.open]",
        make: { folder in
            let absent = "\(folder)/libabsent.so"
            try PluginBuilder.run(
                "sh", ["-c", "echo 'int absent;' | cc -shared -fPIC -x c -o \(absent) -"])
            var plugin = PluginBuilder()
            plugin.arguments = ["-Wl,--no-as-needed", "-L\(folder)", "-labsent"]
            let path = try plugin.build(in: folder)
            try PluginBuilder.run("rm", [absent])
            return path
        }),
]

private func structSize(_ name: String, _ last: String, _ size: Int, from: Int) -> String {
    library + "the struct_size of its \(name) is \(size); wanted from \(from) to 65536. "
        + "Set it to REFLUX_STRUCT_SIZE(\(name), \(last)). [load.struct-size]"
}

private let structCases = [
    CorpusCase(
        "load/plugin-size-small", stage: .load, check: .loadStructSize,
        message: structSize("reflux_plugin", "extension_count", 24, from: 168),
        make: defining("PLUGIN_SIZE", "24")),
    CorpusCase(
        "load/plugin-size-large", stage: .load, check: .loadStructSize,
        message: structSize("reflux_plugin", "extension_count", 65537, from: 168),
        make: defining("PLUGIN_SIZE", "65537")),
    CorpusCase(
        "load/extension-size-zero", stage: .load, check: .loadStructSize,
        message: structSize("reflux_extension", "table", 0, from: 104),
        make: defining("EXTENSION_SIZE", "0")),
    CorpusCase(
        "load/table-size-small", stage: .load, check: .loadStructSize,
        message: structSize("reflux_rule_table", "judge", 31, from: 32),
        make: defining("RULE_SIZE", "31")),
    CorpusCase(
        "load/table-size-large", stage: .load, check: .loadStructSize,
        message: structSize("reflux_rule_table", "judge", 4_294_967_295, from: 32),
        make: defining("RULE_SIZE", "0xFFFFFFFFu")),
]

private func nullFunction(_ name: String) -> String {
    library + "\(name) of the extension \"rule\" is NULL; wanted a function table whose required "
        + "functions are all there. \(author) [load.function]"
}

private let functionCases = [
    CorpusCase(
        "load/create-null", stage: .load, check: .loadFunction, message: nullFunction("create"),
        make: defining("CREATE", "NULL")),
    CorpusCase(
        "load/destroy-null", stage: .load, check: .loadFunction, message: nullFunction("destroy"),
        make: defining("DESTROY", "NULL")),
    CorpusCase(
        "load/judge-null", stage: .load, check: .loadFunction, message: nullFunction("judge"),
        make: defining("JUDGE", "NULL")),
    CorpusCase(
        "load/table-null", stage: .load, check: .loadFunction, message: nullFunction("table"),
        make: defining("TABLE", "NULL")),
]

private let entryCases = [
    CorpusCase(
        "load/entry-null", stage: .load, check: .loadEntry,
        message: library + "reflux_plugin_entry_v1 returned NULL; wanted a constant table. "
            + "\(author) [load.entry]",
        make: defining("ENTRY", "NULL")),
    CorpusCase(
        "load/magic", stage: .load, check: .loadMagic,
        message: library + "the entry table begins with 0x5245464C55585032; wanted "
            + "REFLUX_PLUGIN_MAGIC, 0x5245464C55585031. Build the plugin with the headers of this "
            + "host. [load.magic]",
        make: defining("MAGIC", "REFLUX_PLUGIN_MAGIC+1")),
    CorpusCase(
        "load/host-too-old", stage: .load, check: .manifestABI,
        message: library + "it needs the ABI 1.9; wanted at most 1.1, which this host speaks. "
            + "Install a newer reflux, or an older version of the plugin. [manifest.abi]",
        make: changing("copy.min_host_minor = 9;")),
    CorpusCase(
        "load/no-extensions", stage: .load, check: .loadEntry,
        message: library + "the entry lists 0 extensions; wanted from 1 to 1024 extensions. "
            + "\(author) [load.entry]",
        make: changing("copy.extension_count = 0;")),
    CorpusCase(
        "load/extensions-null", stage: .load, check: .loadEntry,
        message: library + "the list of extensions is NULL; wanted from 1 to 1024 extensions. "
            + "\(author) [load.entry]",
        make: changing("copy.extensions = NULL;")),
    CorpusCase(
        "load/extension-null", stage: .load, check: .loadEntry,
        message: library + "extension 1 of the entry is NULL; wanted a reflux_extension. "
            + "\(author) [load.entry]",
        make: defining("EXTENSIONS", "&extension,NULL")),
    CorpusCase(
        "load/extension-twice", stage: .load, check: .loadEntry,
        message: library + "the entry lists the pseudo-reward-rule \"rule\" twice; wanted ids of "
            + "their own. \(author) [load.entry]",
        make: defining("EXTENSIONS", "&extension,&extension")),
    CorpusCase(
        "load/kind-unknown", stage: .load, check: .manifestKind,
        message: library + "the kind of rule is \"oracle/1\"; wanted one of pseudo-reward-rule/1, "
            + "policy-optimizer/1, task-evaluator/1, teacher-source/1, reward-model/1. Install a "
            + "newer reflux, or correct the plugin. [manifest.kind]",
        make: changing("altered.kind = text(\"oracle/1\");", extensions: "&altered")),
    CorpusCase(
        "load/concurrency-unknown", stage: .load, check: .loadEntry,
        message: library + "the concurrency of rule is 7; wanted a number from 0 to 1. "
            + "\(author) [load.entry]",
        make: changing("altered.concurrency = 7;", extensions: "&altered")),
    CorpusCase(
        "load/title-not-utf8", stage: .load, check: .loadEntry,
        message: library + "the title of rule is not UTF-8; wanted UTF-8 without NUL of at most "
            + "1 MiB. \(author) [load.entry]",
        make: changing("altered.title = text(\"\\xff\");", extensions: "&altered")),
    CorpusCase(
        "load/version-without-data", stage: .load, check: .loadEntry,
        message: library + "the version has no data for its 5 bytes; wanted UTF-8 without NUL of "
            + "at most 1 MiB. \(author) [load.entry]",
        make: changing("copy.version.data = NULL;")),
    CorpusCase(
        "load/name-too-long", stage: .load, check: .loadEntry,
        message: library + "the name has 1099511627776 bytes; wanted UTF-8 without NUL of at most "
            + "1 MiB. \(author) [load.entry]",
        make: changing("copy.name.length = UINT64_C(1) << 40;")),
    CorpusCase(
        "load/id-with-nul", stage: .load, check: .loadEntry,
        message: library + "the id of the plugin has a NUL in it; wanted UTF-8 without NUL of at "
            + "most 1 MiB. \(author) [load.entry]",
        make: changing("copy.id.length += 1;")),
]

private func disagreement(_ text: String) -> String {
    "$PLUGIN/plugin.json: \(text); wanted what the library says. Write the manifest anew with "
        + "`reflux plugin manifest`. [load.agreement]"
}

private func changingProvides(
    _ key: String, _ value: any Sendable
) -> @Sendable (String) throws -> String {
    changing("") { manifest in
        guard var provides = manifest["provides"] as? [[String: Any]] else { return }
        provides[0][key] = value
        manifest["provides"] = provides
    }
}

private let agreementCases = [
    CorpusCase(
        "load/id-disagrees", stage: .load, check: .loadAgreement,
        message: disagreement("the id is \"sample\" here and \"other\" in the library"),
        make: defining("ID", "\"other\"")),
    CorpusCase(
        "load/version-disagrees", stage: .load, check: .loadAgreement,
        message: disagreement("the version is \"1.0.0\" here and \"1.0.1\" in the library"),
        make: defining("VERSION", "\"1.0.1\"")),
    CorpusCase(
        "load/title-disagrees", stage: .load, check: .loadAgreement,
        message: disagreement("the title of rule is \"Better\" here and \"A rule\" in the library"),
        make: changingProvides("title", "Better")),
    CorpusCase(
        "load/concurrency-disagrees", stage: .load, check: .loadAgreement,
        message: disagreement(
            "the concurrency of rule is \"parallel\" here and \"serial\" in the library"),
        make: changingProvides("concurrency", "parallel")),
    CorpusCase(
        "load/deterministic-disagrees", stage: .load, check: .loadAgreement,
        message: disagreement(
            "the deterministic of rule is \"false\" here and \"true\" in the library"),
        make: changingProvides("deterministic", false)),
    CorpusCase(
        "load/stability-disagrees", stage: .load, check: .loadAgreement,
        message: disagreement(
            "the stability of rule is \"stable\" here and \"experimental\" in the library"),
        make: changingProvides("stability", "stable")),
    CorpusCase(
        "load/schema-disagrees", stage: .load, check: .loadAgreement,
        message: disagreement("the config_schema of rule differs from the library's"),
        make: defining(
            "SCHEMA",
            #""{\"type\":\"object\",\"properties\":{\"n\":{\"type\":\"integer\","#
                + #"\"default\":1,\"description\":\"A number.\"}}}""#)),
    CorpusCase(
        "load/extension-absent", stage: .load, check: .loadAgreement,
        message: disagreement(
            "the pseudo-reward-rule second is in the manifest, but not in the library"),
        make: changing("") { manifest in
            guard var provides = manifest["provides"] as? [[String: Any]] else { return }
            provides.append(provides[0])
            provides[1]["id"] = "second"
            manifest["provides"] = provides
        }),
    CorpusCase(
        "load/extension-hidden", stage: .load, check: .loadAgreement,
        message: disagreement(
            "the pseudo-reward-rule second is in the library, but not in the manifest"),
        make: changing("altered.id = text(\"second\");", extensions: "&extension,&altered")),
    CorpusCase(
        "load/several-disagree", stage: .load, check: .loadAgreement,
        message: disagreement(
            "the version is \"2.0.0\" here and \"1.0.0\" in the library; the title of rule is "
                + "\"Better\" here and \"A rule\" in the library"),
        make: changing("") { manifest in
            manifest["version"] = "2.0.0"
            guard var provides = manifest["provides"] as? [[String: Any]] else { return }
            provides[0]["title"] = "Better"
            manifest["provides"] = provides
        }),
]

private func initialising(_ lines: String) -> @Sendable (String) throws -> String {
    { folder in
        var plugin = PluginBuilder()
        plugin.code = """
            static int32_t my_init(const reflux_host *given, reflux_call *call) {
                host = given;
                (void)call;
                \(lines)
            }
            """
        plugin.definitions["INIT"] = "my_init"
        return try plugin.build(in: folder)
    }
}

private let initCases = [
    CorpusCase(
        "load/init-fails", stage: .load, check: .loadInit,
        message: "$PLUGIN: init failed: no licence found; wanted a plugin that is ready. "
            + "Do what the plugin asks for, or run without it. [load.init]",
        make: initialising("host->set_error(call, text(\"no licence found\")); return 1;")),
    CorpusCase(
        "load/init-fails-silently", stage: .load, check: .loadInit,
        message: "$PLUGIN: init failed and gave no reason; wanted a plugin that is ready. "
            + "Do what the plugin asks for, or run without it. [load.init]",
        make: initialising("return REFLUX_ERROR;")),
    CorpusCase(
        "load/init-unsupported", stage: .load, check: .loadInit,
        message: "$PLUGIN: init is not supported: needs a GPU; wanted a plugin that is ready. "
            + "Do what the plugin asks for, or run without it. [load.init]",
        make: initialising(
            "host->set_error(call, text(\"needs a GPU\")); return REFLUX_UNSUPPORTED;")),
    CorpusCase(
        "load/init-status-unknown", stage: .load, check: .callStatus,
        message: "$PLUGIN: init returned the unknown status -3; wanted a status from 0 to 4. "
            + "\(author) [call.status]",
        make: initialising("return -3;")),
]
