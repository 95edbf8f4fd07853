/* The header uses FILE and does not include it. */
#include <stdio.h>
#include <editline/readline.h>

/* Signals stay with the program. A function, because Swift does not write to variables of C. */
static inline void reflux_editline_leave_signals(void) { rl_catch_signals = 0; }
