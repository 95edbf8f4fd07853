/* Compiling this file as C11 checks that no struct of the boundary has moved. */
#include "reflux/reflux.h"

#define REFLUX_PIN_SIZE(type, size) \
    _Static_assert(sizeof(type) == (size), "the size of " #type " has changed");
#define REFLUX_PIN(type, field, offset) \
    _Static_assert(offsetof(type, field) == (offset), #type "." #field " has moved");

#include "layout.h"

_Static_assert(sizeof(void *) == 8, "the boundary is for LP64");
_Static_assert(REFLUX_ABI_MAJOR == 1, "a new major has its own pins");
_Static_assert(
    REFLUX_STRUCT_SIZE(reflux_response, weight) == 120, "struct_size ends with a field");
