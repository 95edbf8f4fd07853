import Foundation
import RefluxPluginHost

/// The extensions.
let manifestExtensionCases: [CorpusCase] = [
    manifestField(
        "extensions-none", .manifestField,
        """
        $PLUGIN/plugin.json:20: provides: an empty list; wanted a list that is not \
        empty. Correct it, or generate it again: reflux plugin manifest LIBRARY \
        --output plugin.json. [manifest.field]
        """
    ) { $0["provides"] = [Any]() },
    manifestField(
        "extension-text", .manifestField,
        """
        $PLUGIN/plugin.json:21: provides[0]: the text "rule"; wanted an object. Correct \
        it, or generate it again: reflux plugin manifest LIBRARY --output plugin.json. \
        [manifest.field]
        """
    ) { $0["provides"] = ["rule"] },
    manifestProvided(
        "kind-mistyped", .manifestKind,
        """
        $PLUGIN/plugin.json:32: provides[0].kind: the text "pseudo-reward-rul/1"; \
        wanted a kind that this reflux knows. Did you mean "pseudo-reward-rule/1"? \
        Known: policy-optimizer/1, pseudo-reward-rule/1, reward-model/1, \
        task-evaluator/1, teacher-source/1. [manifest.kind]
        """
    ) { $0["kind"] = "pseudo-reward-rul/1" },
    manifestProvided(
        "kind-newer", .manifestKind,
        """
        $PLUGIN/plugin.json:32: provides[0].kind: the text "pseudo-reward-rule/2"; \
        wanted a kind that this reflux knows. Install a newer reflux, or an older \
        version of the plugin. [manifest.kind]
        """
    ) { $0["kind"] = "pseudo-reward-rule/2" },
    manifestProvided(
        "kind-unknown", .manifestKind,
        """
        $PLUGIN/plugin.json:32: provides[0].kind: the text "x/1"; wanted a kind that \
        this reflux knows. Known: policy-optimizer/1, pseudo-reward-rule/1, \
        reward-model/1, task-evaluator/1, teacher-source/1. [manifest.kind]
        """
    ) { $0["kind"] = "x/1" },
    manifestProvided(
        "kind-number", .manifestField,
        """
        $PLUGIN/plugin.json:32: provides[0].kind: the number 1; wanted a text. Correct \
        it, or generate it again: reflux plugin manifest LIBRARY --output plugin.json. \
        [manifest.field]
        """
    ) { $0["kind"] = 1 },
    manifestProvided(
        "extension-id-with-dot", .manifestExtension,
        """
        $PLUGIN/plugin.json:31: provides[0].id: the text "my.rule"; wanted lower-case \
        words and digits joined by hyphens, at most 64 bytes. Rename the extension. \
        [manifest.extension]
        """
    ) { $0["id"] = "my.rule" },
    manifestProvided(
        "extension-id-with-hyphens", .manifestExtension,
        """
        $PLUGIN/plugin.json:31: provides[0].id: the text "my--rule"; wanted lower-case \
        words and digits joined by hyphens, at most 64 bytes. Rename the extension. \
        [manifest.extension]
        """
    ) { $0["id"] = "my--rule" },
    manifestField(
        "extension-twice", .manifestExtension,
        """
        $PLUGIN/plugin.json:46: provides[1].id: a second pseudo-reward-rule "rule"; \
        wanted every id once for each kind. Rename one of the two. [manifest.extension]
        """
    ) { values in
        let provides = values["provides"] as? [Any] ?? []
        values["provides"] = provides + provides
    },
    manifestProvided(
        "title-missing", .manifestField,
        """
        $PLUGIN/plugin.json:21: provides[0].title: the field is missing; wanted one \
        line of text that is not empty. Correct it, or generate it again: reflux plugin \
        manifest LIBRARY --output plugin.json. [manifest.field]
        """
    ) { $0["title"] = nil },
    manifestProvided(
        "title-two-lines", .manifestField,
        #"""
        $PLUGIN/plugin.json:34: provides[0].title: the text "a\u{a}b"; wanted one line \#
        of text that is not empty, without control characters. Correct it, or generate \#
        it again: reflux plugin manifest LIBRARY --output plugin.json. [manifest.field]
        """#
    ) { $0["title"] = "a\nb" },
    manifestProvided(
        "concurrency-mistyped", .manifestField,
        """
        $PLUGIN/plugin.json:22: provides[0].concurrency: the text "paralel"; wanted one \
        of serial, parallel. Did you mean "parallel"? [manifest.field]
        """
    ) { $0["concurrency"] = "paralel" },
    manifestProvided(
        "deterministic-text", .manifestField,
        """
        $PLUGIN/plugin.json:30: provides[0].deterministic: the text "yes"; wanted true \
        or false. Correct it, or generate it again: reflux plugin manifest LIBRARY \
        --output plugin.json. [manifest.field]
        """
    ) { $0["deterministic"] = "yes" },
    manifestProvided(
        "stability-unknown", .manifestField,
        """
        $PLUGIN/plugin.json:33: provides[0].stability: the text "final"; wanted one of \
        experimental, stable. Correct it, or generate it again: reflux plugin manifest \
        LIBRARY --output plugin.json. [manifest.field]
        """
    ) { $0["stability"] = "final" },
]

/// The schemas of settings.
let manifestSchemaCases: [CorpusCase] = [
    manifestProvided(
        "schema-missing", .manifestField,
        """
        $PLUGIN/plugin.json:21: provides[0].config_schema: the field is missing; wanted \
        a schema of the settings. Correct it, or generate it again: reflux plugin \
        manifest LIBRARY --output plugin.json. [manifest.field]
        """
    ) { $0["config_schema"] = nil },
    manifestProvided(
        "schema-text", .manifestSchema,
        """
        $PLUGIN/plugin.json:23: provides[0].config_schema: the text "{}"; wanted an \
        object. The schemas that plugins may use are in docs/plugins/manifest.md. \
        [manifest.schema]
        """
    ) { $0["config_schema"] = "{}" },
    manifestProvided(
        "schema-empty", .manifestSchema,
        """
        $PLUGIN/plugin.json:23: provides[0].config_schema.type: the field is missing; \
        wanted the text "object". The schemas that plugins may use are in \
        docs/plugins/manifest.md. [manifest.schema]
        """
    ) { $0["config_schema"] = [String: Any]() },
    manifestProvided(
        "schema-open", .manifestSchema,
        """
        $PLUGIN/plugin.json:24: provides[0].config_schema.additionalProperties: true; \
        wanted false. The schemas that plugins may use are in docs/plugins/manifest.md. \
        [manifest.schema]
        """
    ) {
        $0["config_schema"] = [
            "type": "object", "properties": [String: Any](), "additionalProperties": true,
        ]
    },
    manifestProvided(
        "schema-stray-required", .manifestSchema,
        """
        $PLUGIN/plugin.json:30: provides[0].config_schema.required: "scales"; wanted \
        only names of properties. Did you mean "scale"? [manifest.schema]
        """
    ) {
        $0["config_schema"] = [
            "type": "object", "properties": ["scale": ["type": "number", "description": "d"]],
            "required": ["scales"],
        ]
    },
    manifestSetting(
        "schema-pattern",
        """
        $PLUGIN/plugin.json:28: provides[0].config_schema.properties.scale: unknown key \
        "pattern"; wanted only type, default, description, minimum, maximum, enum, \
        items, format. Remove it; what a schema cannot say is checked by the plugin's \
        create. [manifest.schema]
        """, ["type": "string", "default": "", "pattern": "a+"]),
    manifestSetting(
        "schema-mistyped",
        """
        $PLUGIN/plugin.json:28: provides[0].config_schema.properties.scale: unknown key \
        "minimun"; wanted only type, default, description, minimum, maximum, enum, \
        items, format. Did you mean "minimum"? [manifest.schema]
        """, ["type": "number", "default": 1, "minimun": 0]),
    manifestSetting(
        "schema-unknown-type",
        """
        $PLUGIN/plugin.json:28: provides[0].config_schema.properties.scale.type: the \
        text "float"; wanted one of number, integer, boolean, string, array. The \
        schemas that plugins may use are in docs/plugins/manifest.md. [manifest.schema]
        """, ["type": "float", "default": 1]),
    manifestSetting(
        "schema-two-types",
        """
        $PLUGIN/plugin.json:28: provides[0].config_schema.properties.scale.type: a \
        list; wanted one of number, integer, boolean, string, array. The schemas that \
        plugins may use are in docs/plugins/manifest.md. [manifest.schema]
        """, ["type": ["number", "string"], "default": 1]),
    manifestSetting(
        "schema-without-default",
        """
        $PLUGIN/plugin.json:25: provides[0].config_schema.properties.scale.default: a \
        setting without a default that is not required; wanted a default, or the name \
        in "required". The schemas that plugins may use are in \
        docs/plugins/manifest.md. [manifest.schema]
        """, ["type": "number"]),
    manifestSetting(
        "schema-default-of-required",
        """
        $PLUGIN/plugin.json:26: provides[0].config_schema.properties.scale.default: a \
        default of a setting that is required; wanted either a default or the name in \
        "required". The schemas that plugins may use are in docs/plugins/manifest.md. \
        [manifest.schema]
        """, ["type": "number", "default": 1], required: true),
    manifestSetting(
        "schema-default-type",
        """
        $PLUGIN/plugin.json:26: provides[0].config_schema.properties.scale.default: the \
        number 0.5; wanted a whole number. The schemas that plugins may use are in \
        docs/plugins/manifest.md. [manifest.schema]
        """, ["type": "integer", "default": 0.5]),
    manifestSetting(
        "schema-default-range",
        """
        $PLUGIN/plugin.json:26: provides[0].config_schema.properties.scale.default: the \
        number 2; wanted a number of at most 1. The schemas that plugins may use are in \
        docs/plugins/manifest.md. [manifest.schema]
        """, ["type": "number", "default": 2, "maximum": 1]),
    manifestSetting(
        "schema-default-choice",
        """
        $PLUGIN/plugin.json:26: provides[0].config_schema.properties.scale.default: the \
        text "c"; wanted one of a, b. The schemas that plugins may use are in \
        docs/plugins/manifest.md. [manifest.schema]
        """, ["type": "string", "default": "c", "enum": ["a", "b"]]),
    manifestSetting(
        "schema-choices-of-number",
        """
        $PLUGIN/plugin.json:28: provides[0].config_schema.properties.scale.enum: "enum" \
        beside the type number; wanted it only beside the type string. The schemas that \
        plugins may use are in docs/plugins/manifest.md. [manifest.schema]
        """, ["type": "number", "default": 1, "enum": ["1"]]),
    manifestSetting(
        "schema-choices-none",
        """
        $PLUGIN/plugin.json:28: provides[0].config_schema.properties.scale.enum: an \
        empty list; wanted a list of texts that is not empty. The schemas that plugins \
        may use are in docs/plugins/manifest.md. [manifest.schema]
        """, ["type": "string", "default": "", "enum": [Any]()]),
    manifestSetting(
        "schema-range-of-text",
        """
        $PLUGIN/plugin.json:28: provides[0].config_schema.properties.scale.minimum: \
        "minimum" beside the type string; wanted it only beside the type number or \
        integer. The schemas that plugins may use are in docs/plugins/manifest.md. \
        [manifest.schema]
        """, ["type": "string", "default": "", "minimum": 1]),
    manifestSetting(
        "schema-range-turned-round",
        """
        $PLUGIN/plugin.json:28: provides[0].config_schema.properties.scale.maximum: the \
        number 1; wanted at least the minimum, 2. The schemas that plugins may use are \
        in docs/plugins/manifest.md. [manifest.schema]
        """,
        ["type": "number", "default": 1, "minimum": 2, "maximum": 1]),
    manifestSetting(
        "schema-relative-default",
        """
        $PLUGIN/plugin.json:26: provides[0].config_schema.properties.scale.default: the \
        text "a"; wanted an absolute path, or an empty text for no file. The schemas \
        that plugins may use are in docs/plugins/manifest.md. [manifest.schema]
        """, ["type": "string", "default": "a", "format": "path"]),
    manifestSetting(
        "schema-format",
        """
        $PLUGIN/plugin.json:28: provides[0].config_schema.properties.scale.format: the \
        text "date"; wanted the text "path", without "enum". The schemas that plugins \
        may use are in docs/plugins/manifest.md. [manifest.schema]
        """, ["type": "string", "default": "", "format": "date"]),
    manifestSetting(
        "schema-array-of-anything",
        """
        $PLUGIN/plugin.json:25: provides[0].config_schema.properties.scale.items: the \
        field is missing; wanted the type of the elements, {"type": …}. The schemas \
        that plugins may use are in docs/plugins/manifest.md. [manifest.schema]
        """, ["type": "array", "default": [Any]()]),
    manifestSetting(
        "schema-array-of-arrays",
        """
        $PLUGIN/plugin.json:31: provides[0].config_schema.properties.scale.items.type: \
        the text "array"; wanted one of number, integer, string. The schemas that \
        plugins may use are in docs/plugins/manifest.md. [manifest.schema]
        """,
        ["type": "array", "default": [Any](), "items": ["type": "array"]]),
    manifestSetting(
        "schema-without-description",
        """
        $PLUGIN/plugin.json:25: provides[0].config_schema.properties.scale.description: \
        the field is missing; wanted a text that is not empty. The schemas that plugins \
        may use are in docs/plugins/manifest.md. [manifest.schema]
        """, ["type": "number", "default": 1, "description": nil]),
    manifestSetting(
        "schema-reserved-name",
        """
        $PLUGIN/plugin.json:25: provides[0].config_schema.properties.use: a setting \
        with the name "use"; wanted a name that the host does not read itself beside a \
        pseudo-reward-rule. Rename it. Taken: use, load, name. [manifest.schema]
        """, ["type": "string", "default": ""], name: "use"),
    manifestSetting(
        "schema-upper-case-name",
        """
        $PLUGIN/plugin.json:25: provides[0].config_schema.properties.minShare: a \
        setting with the name "minShare"; wanted lower-case words and digits joined by \
        underscores, at most 64 bytes. Rename it. [manifest.schema]
        """, ["type": "string", "default": ""], name: "minShare"),
]
