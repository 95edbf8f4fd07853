/* What the host offers to a plugin.
 *
 * Every call of the host into a plugin comes with a reflux_call: the context in which errors, log
 * lines, metrics and random numbers belong. It is valid until that call returns, on any thread that
 * the plugin uses for it, and is handed back to the services below. */
#ifndef REFLUX_HOST_H
#define REFLUX_HOST_H

#include "abi.h"

#ifdef __cplusplus
extern "C" {
#endif

/* One call of the host into the plugin. Opaque. */
typedef struct reflux_call reflux_call;

/* Levels of log lines. */
#define REFLUX_LOG_DEBUG INT32_C(0)
#define REFLUX_LOG_INFO INT32_C(1)
#define REFLUX_LOG_WARNING INT32_C(2)
#define REFLUX_LOG_ERROR INT32_C(3)

/* The services. The table lives as long as the process; keep the pointer that init was given. A
 * function that is NULL, or that lies behind struct_size, is a service that this host does not
 * have: ask with REFLUX_HAS_FUNCTION. set_error and set_configuration are always there. */
typedef struct reflux_host {
    uint32_t struct_size;
    /* The host's REFLUX_ABI_MINOR. */
    uint32_t abi_minor;
    /* The host's name and version, for instance "reflux 0.2.0". */
    reflux_string name;

    /* [any-thread] Says why the function that is running will return something else than REFLUX_OK.
     * State: during a call. Ownership: the text is copied. The last text counts. */
    void (*set_error)(reflux_call *call, reflux_string text);

    /* [any-thread] Gives the configuration that is in effect, as a JSON object; it goes to the
     * record of the run. State: during create. Ownership: the text is copied. */
    void (*set_configuration)(reflux_call *call, reflux_string json);

    /* [any-thread] A line for people; level is one of REFLUX_LOG_*. Control characters are
     * replaced, long lines cut, floods suppressed. State: during a call. Ownership: copied. */
    void (*log)(reflux_call *call, int32_t level, reflux_string text);

    /* [any-thread] Not 0 when the call should end soon with REFLUX_CANCELLED. Cheap.
     * State: during a call. Ownership: nothing is handed over. */
    int32_t (*is_cancelled)(reflux_call *call);

    /* [any-thread] The time that the call has left, in nanoseconds; negative when it is over,
     * INT64_MAX when there is no limit. State: during a call. Ownership: nothing is handed over. */
    int64_t (*remaining_nanoseconds)(reflux_call *call);

    /* [any-thread] Four independent uniform 32-bit words: a pure function of the run's seed, the
     * extension, the item that is being worked on (the prompt's index), stream and position. The
     * one source of random numbers of an extension that calls itself deterministic.
     * State: during a call. Ownership: out is the plugin's. */
    void (*random_words)(reflux_call *call, uint64_t stream, uint64_t position, uint32_t out[4]);

    /* [any-thread] A named number for the metrics file. step counts from 0 in fit and is ignored
     * elsewhere; in the loss of an optimizer the numbers of all micro-batches of an update are added
     * up. State: during a call. Ownership: the name is copied. */
    void (*metric)(reflux_call *call, int64_t step, reflux_string name, double value);

    /* [any-thread] Tells how far a long call is; unit says what is counted ("responses").
     * State: during a call. Ownership: the unit is copied. */
    void (*progress)(reflux_call *call, uint64_t done, uint64_t total, reflux_string unit);
} reflux_host;

#ifdef __cplusplus
}
#endif

#endif
