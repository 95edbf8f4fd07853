/* The mock host: its services, what it collects, and how it starts and stops a plugin. Part of
 * testing.h, which shows how it is used. */
#ifndef REFLUX_TESTING_HOST_H
#define REFLUX_TESTING_HOST_H

#include <dlfcn.h>
#include <pthread.h>

#include "helpers.h"
#include "json.h"
#include "plugin.h"
#include "testing_check.h"
#include "testing_memory.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Services that can be left out. */
#define REFLUX_MOCK_LOG 1u
#define REFLUX_MOCK_CANCELLATION 2u
#define REFLUX_MOCK_RANDOM 4u
#define REFLUX_MOCK_METRICS 8u
#define REFLUX_MOCK_PROGRESS 16u
#define REFLUX_MOCK_EVERYTHING 31u

/* What a plugin said during a call: one kind of note a function of the host. */
#define REFLUX_NOTE_LOG 0
#define REFLUX_NOTE_METRIC 1
#define REFLUX_NOTE_PROGRESS 2
#define REFLUX_NOTE_LABEL 3
#define REFLUX_NOTE_ABSTENTION 4
#define REFLUX_NOTE_ABSTAIN 5
#define REFLUX_NOTE_METRIC_NAME 6
#define REFLUX_NOTE_TEXT 7
#define REFLUX_NOTE_MESSAGE 8
#define REFLUX_NOTE_STOP 9
#define REFLUX_NOTE_ANSWER 10
#define REFLUX_NOTE_EXAMPLE 11
#define REFLUX_NOTE_RESPONSE 12

/* A note. index is a level, a step, a response, a speaker or a prompt, as the function has it. */
typedef struct reflux_mock_note {
    int kind;
    int64_t index;
    double value;
    const char *text;
    const void *item;
} reflux_mock_note;

/* A host for tests. Set what you want changed between reflux_mock_init and reflux_mock_start; read
 * what a call has left behind before the next call. */
typedef struct reflux_mock {
    uint64_t magic;
    reflux_host host;
    reflux_arena arena;
    pthread_mutex_t lock;
    const reflux_plugin *plugin;
    void *library;
    /* The folder that create is told; "/" at first. */
    const char *base_folder;
    /* The run's seed, and the item that random numbers belong to. */
    uint64_t seed;
    int64_t item;
    /* How often is_cancelled says no before it says yes; negative: it never says yes. */
    int64_t patience;
    /* What remaining_nanoseconds says. */
    int64_t remaining;
    /* Not 0 keeps faults quiet, for tests of what is wrong on purpose: they are counted in faults
     * only, and are no failures of the test. */
    int quiet;
    /* How often the plugin broke a promise of the boundary, and the last one in words. */
    uint64_t faults;
    char fault[512];
    /* The running function, or NULL. */
    const char *running;
    /* What the last call left: its error, the configuration in effect (last create), its notes. */
    const char *error;
    const char *configuration;
    reflux_mock_note *notes;
    size_t note_count;
    size_t note_capacity;
    /* Items of the running call, for bounds. */
    uint64_t bound;
} reflux_mock;

#define REFLUX_MOCK_MAGIC UINT64_C(0x6D6F636B686F7374)

/* Records a broken promise. */
static inline void reflux_mock_fault(reflux_mock *mock, const char *format, ...)
    REFLUX_PRINTF(2, 3);
static inline void reflux_mock_fault(reflux_mock *mock, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(mock->fault, sizeof(mock->fault), format, arguments);
    va_end(arguments);
    mock->faults += 1;
    if (mock->quiet) { return; }
    reflux_test()->failures += 1;
    fprintf(
        stderr, "reflux mock host: %s%s%s\n", mock->running == NULL ? "" : mock->running,
        mock->running == NULL ? "" : ": ", mock->fault);
}

/* Whether a text is UTF-8 without NUL. */
static inline int reflux_mock_is_text(reflux_string text) {
    reflux_json_cursor cursor = reflux_json_start(text);
    while (cursor.at < cursor.end) {
        int c = (unsigned char)*cursor.at;
        int count = c == 0 ? 0 : c < 0x80 ? 1 : reflux_json_character(&cursor);
        if (count == 0) { return 0; }
        cursor.at += count;
    }
    return 1;
}

/* The mock that a plugin handed back. */
static inline reflux_mock *reflux_mock_of(reflux_call *call) {
    reflux_mock *mock = (reflux_mock *)(void *)call;
    if (mock == NULL || mock->magic != REFLUX_MOCK_MAGIC) {
        fprintf(stderr, "reflux mock host: a service was given another call\n");
        abort();
    }
    return mock;
}

/* A copy of a text of the plugin that ends with a NUL; NULL for an absent one. Checks it. */
static inline const char *reflux_mock_keep(
    reflux_mock *mock, reflux_string text, const char *what) {
    unsigned char *copy;
    if (text.data == NULL) {
        if (text.length != 0) { reflux_mock_fault(mock, "%s is NULL with a length", what); }
        return NULL;
    }
    if (text.length > (uint64_t)1 << 20) {
        reflux_mock_fault(mock, "%s is longer than 1 MiB", what);
        text.length = (uint64_t)1 << 20;
    }
    if (!reflux_mock_is_text(text)) {
        reflux_mock_fault(mock, "%s is not UTF-8 or has a NUL", what);
    }
    copy = (unsigned char *)reflux_arena_output(&mock->arena, (size_t)text.length + 1);
    if (text.length > 0) { memcpy(copy, text.data, (size_t)text.length); }
    copy[text.length] = 0;
    return (const char *)copy;
}

/* Remembers a note. */
static inline reflux_mock_note *reflux_mock_add_note(
    reflux_mock *mock, int kind, int64_t index, double value, const char *text) {
    reflux_mock_note *note;
    if (mock->running == NULL) { reflux_mock_fault(mock, "a service is used outside of a call"); }
    if (mock->note_count == mock->note_capacity) {
        size_t capacity = mock->note_capacity == 0 ? 64 : mock->note_capacity * 2;
        reflux_mock_note *notes =
            (reflux_mock_note *)reflux_arena_allocate(capacity * sizeof(*notes));
        if (mock->note_count > 0) {
            memcpy(notes, mock->notes, mock->note_count * sizeof(*notes));
        }
        free(mock->notes);
        mock->notes = notes;
        mock->note_capacity = capacity;
    }
    note = &mock->notes[mock->note_count];
    mock->note_count += 1;
    note->kind = kind;
    note->index = index;
    note->value = value;
    note->text = text;
    note->item = NULL;
    return note;
}

/* Takes a text from the plugin as a note, under the lock. required: an absent text is a fault. */
static inline void reflux_mock_take(
    reflux_call *call, int kind, int64_t index, double value, reflux_string text, int required,
    const char *what) {
    reflux_mock *mock = reflux_mock_of(call);
    pthread_mutex_lock(&mock->lock);
    if (required && (text.data == NULL || text.length == 0)) {
        reflux_mock_fault(mock, "%s is empty", what);
    }
    reflux_mock_add_note(mock, kind, index, value, reflux_mock_keep(mock, text, what));
    pthread_mutex_unlock(&mock->lock);
}

static inline void reflux_mock_set_error(reflux_call *call, reflux_string text) {
    reflux_mock *mock = reflux_mock_of(call);
    pthread_mutex_lock(&mock->lock);
    mock->error = reflux_mock_keep(mock, text, "the text of set_error");
    pthread_mutex_unlock(&mock->lock);
}

static inline void reflux_mock_set_configuration(reflux_call *call, reflux_string json) {
    reflux_mock *mock = reflux_mock_of(call);
    const char *fault = reflux_json_check(json);
    pthread_mutex_lock(&mock->lock);
    if (fault != NULL) { reflux_mock_fault(mock, "the configuration in effect: %s", fault); }
    if (mock->running == NULL || strcmp(mock->running, "create") != 0) {
        reflux_mock_fault(mock, "set_configuration is for create only");
    }
    mock->configuration = reflux_mock_keep(mock, json, "the configuration in effect");
    pthread_mutex_unlock(&mock->lock);
}

static inline void reflux_mock_log(reflux_call *call, int32_t level, reflux_string text) {
    if (level < REFLUX_LOG_DEBUG || level > REFLUX_LOG_ERROR) {
        reflux_mock_fault(reflux_mock_of(call), "%d is no log level", (int)level);
    }
    reflux_mock_take(call, REFLUX_NOTE_LOG, level, 0, text, 0, "a log line");
}

static inline int32_t reflux_mock_is_cancelled(reflux_call *call) {
    reflux_mock *mock = reflux_mock_of(call);
    int32_t cancelled;
    pthread_mutex_lock(&mock->lock);
    cancelled = mock->patience == 0;
    if (mock->patience > 0) { mock->patience -= 1; }
    pthread_mutex_unlock(&mock->lock);
    return cancelled;
}

static inline int64_t reflux_mock_remaining(reflux_call *call) {
    return reflux_mock_of(call)->remaining;
}

/* One step of SplitMix64. */
static inline uint64_t reflux_mock_mix(uint64_t x) {
    x += UINT64_C(0x9E3779B97F4A7C15);
    x = (x ^ (x >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94D049BB133111EB);
    return x ^ (x >> 31);
}

static inline void reflux_mock_random_words(
    reflux_call *call, uint64_t stream, uint64_t position, uint32_t out[4]) {
    reflux_mock *mock = reflux_mock_of(call);
    uint64_t key = reflux_mock_mix(mock->seed ^ reflux_mock_mix((uint64_t)mock->item));
    uint64_t a = reflux_mock_mix(reflux_mock_mix(key ^ stream) ^ position);
    uint64_t b = reflux_mock_mix(a);
    out[0] = (uint32_t)a;
    out[1] = (uint32_t)(a >> 32);
    out[2] = (uint32_t)b;
    out[3] = (uint32_t)(b >> 32);
}

static inline void reflux_mock_take_metric(
    reflux_call *call, int64_t step, reflux_string name, double value) {
    if (!(fabs(value) <= 1.7976931348623157e308)) {
        reflux_mock_fault(reflux_mock_of(call), "a metric is not finite");
    }
    reflux_mock_take(call, REFLUX_NOTE_METRIC, step, value, name, 1, "the name of a metric");
}

static inline void reflux_mock_progress(
    reflux_call *call, uint64_t done, uint64_t total, reflux_string unit) {
    if (done > total) { reflux_mock_fault(reflux_mock_of(call), "more is done than there is"); }
    reflux_mock_take(
        call, REFLUX_NOTE_PROGRESS, (int64_t)done, (double)total, unit, 0, "the unit of progress");
}

/* Makes a host with all services. */
static inline void reflux_mock_init(reflux_mock *mock) {
    memset(mock, 0, sizeof(*mock));
    mock->magic = REFLUX_MOCK_MAGIC;
    pthread_mutex_init(&mock->lock, NULL);
    mock->base_folder = "/";
    mock->seed = 1;
    mock->patience = -1;
    mock->remaining = INT64_MAX;
    mock->host.struct_size = REFLUX_STRUCT_SIZE(reflux_host, progress);
    mock->host.abi_minor = REFLUX_ABI_MINOR;
    mock->host.name = reflux_text("reflux mock host");
    mock->host.set_error = reflux_mock_set_error;
    mock->host.set_configuration = reflux_mock_set_configuration;
    mock->host.log = reflux_mock_log;
    mock->host.is_cancelled = reflux_mock_is_cancelled;
    mock->host.remaining_nanoseconds = reflux_mock_remaining;
    mock->host.random_words = reflux_mock_random_words;
    mock->host.metric = reflux_mock_take_metric;
    mock->host.progress = reflux_mock_progress;
}

/* Leaves services out (REFLUX_MOCK_*, joined by |): their functions are NULL. */
static inline void reflux_mock_leave_out(reflux_mock *mock, unsigned services) {
    if (services & REFLUX_MOCK_LOG) { mock->host.log = NULL; }
    if (services & REFLUX_MOCK_CANCELLATION) {
        mock->host.is_cancelled = NULL;
        mock->host.remaining_nanoseconds = NULL;
    }
    if (services & REFLUX_MOCK_RANDOM) { mock->host.random_words = NULL; }
    if (services & REFLUX_MOCK_METRICS) { mock->host.metric = NULL; }
    if (services & REFLUX_MOCK_PROGRESS) { mock->host.progress = NULL; }
}

static inline void reflux_mock_absent(void) {
    fprintf(stderr, "reflux mock host: a service behind struct_size is used\n");
    abort();
}

/* Shortens the table to what every host has. What lies behind it ends the program when called. */
static inline void reflux_mock_shorten(reflux_mock *mock) {
    void (*absent)(void) = reflux_mock_absent;
    mock->host.struct_size = REFLUX_STRUCT_SIZE(reflux_host, set_configuration);
    memcpy((void *)&mock->host.log, &absent, sizeof(absent));
    memcpy((void *)&mock->host.is_cancelled, &absent, sizeof(absent));
    memcpy((void *)&mock->host.remaining_nanoseconds, &absent, sizeof(absent));
    memcpy((void *)&mock->host.random_words, &absent, sizeof(absent));
    memcpy((void *)&mock->host.metric, &absent, sizeof(absent));
    memcpy((void *)&mock->host.progress, &absent, sizeof(absent));
}

/* The context that a call is given. */
static inline reflux_call *reflux_mock_begin(reflux_mock *mock, const char *function) {
    mock->running = function;
    mock->error = NULL;
    mock->note_count = 0;
    reflux_arena_seal(&mock->arena);
    return (reflux_call *)(void *)mock;
}

/* Checks what holds after every call; returns the status. */
static inline int32_t reflux_mock_end(reflux_mock *mock, int32_t status) {
    if (status < REFLUX_OK || status > REFLUX_OUT_OF_MEMORY) {
        reflux_mock_fault(mock, "%d is no status", (int)status);
    }
    if (status == REFLUX_ERROR && (mock->error == NULL || mock->error[0] == '\0')) {
        reflux_mock_fault(mock, "it failed without a word; use set_error");
    }
    if (reflux_arena_changed(&mock->arena) > 0) {
        reflux_mock_fault(mock, "an input was written to");
    }
    if (reflux_arena_overrun(&mock->arena) > 0) {
        reflux_mock_fault(mock, "an output was written past its end");
    }
    mock->running = NULL;
    return status;
}

/* The error of the last call; "" when there was none. */
static inline const char *reflux_mock_error(const reflux_mock *mock) {
    return mock->error == NULL ? "" : mock->error;
}

/* The note of a kind that comes as the position-th, or NULL. */
static inline const reflux_mock_note *reflux_mock_find(
    const reflux_mock *mock, int kind, uint64_t position) {
    size_t index;
    for (index = 0; index < mock->note_count; index += 1) {
        if (mock->notes[index].kind != kind) { continue; }
        if (position == 0) { return &mock->notes[index]; }
        position -= 1;
    }
    return NULL;
}

/* How many notes of a kind there are. */
static inline uint64_t reflux_mock_count(const reflux_mock *mock, int kind) {
    uint64_t count = 0;
    size_t index;
    for (index = 0; index < mock->note_count; index += 1) {
        count += mock->notes[index].kind == kind;
    }
    return count;
}

/* A metric of the last call; NaN when it was not given. */
static inline double reflux_mock_metric(const reflux_mock *mock, const char *name) {
    size_t index;
    for (index = 0; index < mock->note_count; index += 1) {
        const reflux_mock_note *note = &mock->notes[index];
        if (note->kind == REFLUX_NOTE_METRIC && note->text != NULL
            && strcmp(note->text, name) == 0) {
            return note->value;
        }
    }
    return (double)NAN;
}

/* Whether a log line of the last call holds a text. */
static inline int reflux_mock_logged(const reflux_mock *mock, const char *text) {
    size_t index;
    for (index = 0; index < mock->note_count; index += 1) {
        const reflux_mock_note *note = &mock->notes[index];
        if (note->kind == REFLUX_NOTE_LOG && note->text != NULL && strstr(note->text, text)) {
            return 1;
        }
    }
    return 0;
}

/* Checks the plugin's table and its extensions' as far as the mock uses them. */
static inline int reflux_mock_check_table(reflux_mock *mock, const reflux_plugin *plugin) {
    uint64_t index;
    if (plugin == NULL || plugin->magic != REFLUX_PLUGIN_MAGIC
        || plugin->struct_size < REFLUX_STRUCT_SIZE(reflux_plugin, extension_count)) {
        reflux_mock_fault(mock, "the entry returns no table of a plugin");
        return 0;
    }
    if (plugin->extension_count == 0) { reflux_mock_fault(mock, "the plugin has no extension"); }
    for (index = 0; index < plugin->extension_count; index += 1) {
        const reflux_extension *extension = plugin->extensions[index];
        if (extension->struct_size < REFLUX_STRUCT_SIZE(reflux_extension, table)
            || extension->table == NULL || extension->id.data == NULL
            || extension->kind.data == NULL) {
            reflux_mock_fault(mock, "extension %llu is not filled in", (unsigned long long)index);
            return 0;
        }
        if (reflux_json_check(extension->config_schema) != NULL) {
            reflux_mock_fault(
                mock, "extension %llu: the schema: %s", (unsigned long long)index,
                reflux_json_check(extension->config_schema));
            return 0;
        }
    }
    return 1;
}

/* Starts a plugin that is linked into the test. Returns what init returned, or REFLUX_ERROR. */
static inline int32_t reflux_mock_start(reflux_mock *mock, const reflux_plugin *plugin) {
    reflux_call *call;
    if (!reflux_mock_check_table(mock, plugin)) { return REFLUX_ERROR; }
    mock->plugin = plugin;
    if (plugin->init == NULL) { return REFLUX_OK; }
    call = reflux_mock_begin(mock, "init");
    return reflux_mock_end(mock, plugin->init(&mock->host, call));
}

/* Starts a plugin from its library. */
static inline int32_t reflux_mock_open(reflux_mock *mock, const char *path) {
    const reflux_plugin *(*entry)(void) = NULL;
    void *symbol;
    mock->library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    symbol = mock->library == NULL ? NULL : dlsym(mock->library, REFLUX_PLUGIN_ENTRY_SYMBOL);
    if (symbol == NULL) {
        const char *reason = dlerror();
        reflux_mock_fault(mock, "%s", reason == NULL ? "the entry is NULL" : reason);
        return REFLUX_ERROR;
    }
    memcpy((void *)&entry, &symbol, sizeof(entry));
    return reflux_mock_start(mock, entry());
}

/* Stops the plugin and frees everything that the mock gave out. The library stays loaded. */
static inline void reflux_mock_stop(reflux_mock *mock) {
    if (mock->plugin != NULL && mock->plugin->deinit != NULL) { mock->plugin->deinit(); }
    mock->plugin = NULL;
    reflux_arena_free(&mock->arena);
    free(mock->notes);
    mock->notes = NULL;
    mock->note_count = 0;
    mock->note_capacity = 0;
    pthread_mutex_destroy(&mock->lock);
    mock->magic = 0;
}

#ifdef __cplusplus
}
#endif

#endif
