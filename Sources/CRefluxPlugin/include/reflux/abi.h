/* Versions, status codes and strings: what every other header of the plugin boundary uses.
 *
 * The boundary is plain C11 (and C++17): fixed-width integers, float and double, pointer and length.
 * No enumerations, no bool, no bit-fields cross it, nothing unwinds across it, and no published
 * struct ever changes the meaning of a field. */
#ifndef REFLUX_ABI_H
#define REFLUX_ABI_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The major version stands in the entry's name, reflux_plugin_entry_v1. A plugin works in every host
 * of its major. */
#define REFLUX_ABI_MAJOR 1
/* Grows with every optional addition: a service at the end of reflux_host, a field at the end of a
 * struct, a new kind of extension. */
#define REFLUX_ABI_MINOR 1

/* What a function of a plugin returns. Any other number is reported as a fault of the plugin. */
#define REFLUX_OK INT32_C(0)
/* It failed; the reason was given to reflux_host.set_error. */
#define REFLUX_ERROR INT32_C(1)
/* It stopped because is_cancelled said so, or because its time was over. */
#define REFLUX_CANCELLED INT32_C(2)
/* It cannot do this at all. */
#define REFLUX_UNSUPPORTED INT32_C(3)
/* It ran out of memory. */
#define REFLUX_OUT_OF_MEMORY INT32_C(4)

/* A text in UTF-8 that is not ended by a NUL. data is NULL when there is no text, which is not the
 * same as an empty one. This struct is frozen. */
typedef struct reflux_string {
    const char *data;
    uint64_t length;
} reflux_string;

/* The value of struct_size: offset and size of the last field, without the padding behind it, so
 * that a field that is added later always makes it larger. */
#define REFLUX_STRUCT_SIZE(type, last) \
    ((uint32_t)(offsetof(type, last) + sizeof(((type *)0)->last)))

/* Whether the struct that a pointer leads to is new enough to have a field. */
#define REFLUX_HAS_FIELD(type, pointer, field) \
    ((pointer)->struct_size >= offsetof(type, field) + sizeof(((type *)0)->field))

/* Whether a table is new enough to have a function, and has it. */
#define REFLUX_HAS_FUNCTION(type, pointer, function) \
    (REFLUX_HAS_FIELD(type, pointer, function) && (pointer)->function != NULL)

/* Marks the entry function as visible to the host. */
#if defined(__GNUC__) || defined(__clang__)
#define REFLUX_EXPORT __attribute__((visibility("default")))
#else
#define REFLUX_EXPORT
#endif

#ifdef __cplusplus
}
#endif

#endif
