/* The entry of a plugin, and how it lists its extensions.
 *
 * A plugin is one shared library that exports one function, reflux_plugin_entry_v1, and lies in a
 * folder with its manifest, plugin.json. */
#ifndef REFLUX_PLUGIN_H
#define REFLUX_PLUGIN_H

#include "host.h"

#ifdef __cplusplus
extern "C" {
#endif

/* "REFLUXP1", read as a big-endian number. */
#define REFLUX_PLUGIN_MAGIC UINT64_C(0x5245464C55585031)

/* Whether the functions of one instance may be called from several threads at once. */
#define REFLUX_CONCURRENCY_SERIAL INT32_C(0)
#define REFLUX_CONCURRENCY_PARALLEL INT32_C(1)

/* What the author promises about the extension's behaviour. */
#define REFLUX_STABILITY_EXPERIMENTAL INT32_C(0)
#define REFLUX_STABILITY_STABLE INT32_C(1)

/* What a function table needs to make an instance. */
typedef struct reflux_creation {
    uint32_t struct_size;
    uint32_t reserved;
    /* A JSON object: every key of the extension's schema, with the user's values or the defaults,
     * checked by the host; settings with the format "path" are absolute. */
    reflux_string configuration;
    /* The run's seed. Draw from reflux_host.random_words rather than from generators of your own. */
    uint64_t seed;
    /* The folder against which the host resolved relative paths; absolute. */
    reflux_string base_folder;
} reflux_creation;

/* One extension: what it is, and the function table of its kind. */
typedef struct reflux_extension {
    uint32_t struct_size;
    /* One of REFLUX_CONCURRENCY_*. */
    int32_t concurrency;
    /* Not 0 when equal inputs give equal outputs, bit for bit, in every process. */
    int32_t deterministic;
    /* One of REFLUX_STABILITY_*. */
    int32_t stability;
    /* The kind with its revision, one of the REFLUX_KIND_* texts. It decides the type of table. */
    reflux_string kind;
    /* The name by which run files use it: lower-case letters, digits and hyphens. */
    reflux_string id;
    /* One line. */
    reflux_string title;
    /* A paragraph. */
    reflux_string description;
    /* A JSON Schema of the configuration: an object whose properties have type, default, description
     * and, as they fit, minimum, maximum, enum, items, format. */
    reflux_string config_schema;
    /* The function table of the kind, for instance reflux_rule_table. Constant, never freed. */
    const void *table;
} reflux_extension;

/* The plugin. Constant, never freed. */
typedef struct reflux_plugin {
    /* REFLUX_PLUGIN_MAGIC. */
    uint64_t magic;
    uint32_t struct_size;
    /* The REFLUX_ABI_MINOR that the plugin was built with. */
    uint32_t abi_minor;
    /* The lowest minor of a host with which it works. */
    uint32_t min_host_minor;
    uint32_t reserved;
    /* Equal to the name of its folder: lower-case letters, digits, hyphens and dots. */
    reflux_string id;
    /* The name for people. */
    reflux_string name;
    /* SemVer. */
    reflux_string version;
    /* SPDX. */
    reflux_string license;
    /* One paragraph. */
    reflux_string description;
    /* The language it is written in, and the toolchain, for the manifest. */
    reflux_string language;
    reflux_string toolchain;

    /* [load] Called once, before anything else, from one thread. May be NULL.
     * State: loaded -> ready; after anything but REFLUX_OK nothing else is called.
     * Ownership: host lives as long as the process, call until the function returns. */
    int32_t (*init)(const reflux_host *host, reflux_call *call);

    /* [load] Called at most once, after the last instance is gone and before the process ends; not
     * called when the process is killed. The library stays loaded. May be NULL.
     * State: ready -> loaded. Ownership: free what init made. */
    void (*deinit)(void);

    /* The extensions. */
    const reflux_extension *const *extensions;
    uint64_t extension_count;
} reflux_plugin;

/* [load] The one symbol that a plugin exports. May be called more than once and always returns the
 * same constant table; it does no work. State: any. Ownership: stays with the plugin. */
REFLUX_EXPORT const reflux_plugin *reflux_plugin_entry_v1(void);

#define REFLUX_PLUGIN_ENTRY_SYMBOL "reflux_plugin_entry_v1"

#ifdef __cplusplus
}
#endif

#endif
