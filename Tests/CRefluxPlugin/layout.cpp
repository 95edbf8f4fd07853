// Compiling this file as C++17 checks that C++ sees the same structs as C.
#include <type_traits>

#include "reflux/reflux.h"

#define REFLUX_PIN_SIZE(type, size)                                              \
    static_assert(sizeof(type) == (size), "the size of " #type " has changed"); \
    static_assert(std::is_standard_layout_v<type> && std::is_trivial_v<type>, "not plain C");
#define REFLUX_PIN(type, field, offset) \
    static_assert(offsetof(type, field) == (offset), #type "." #field " has moved");

#include "layout.h"
