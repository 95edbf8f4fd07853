/* The module is headers only; this file makes the compiler read them as C. */
#include "reflux/reflux.h"
