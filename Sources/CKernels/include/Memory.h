/* Memory that is kept: large zeroed arrays, and scratch of each thread. */
#ifndef REFLUX_MEMORY_H
#define REFLUX_MEMORY_H

#include <stddef.h>

/* Zeroed memory aligned to 64 bytes or better; NULL when there is none. Large blocks ask the system
 * for huge pages. */
void *_Nullable reflux_allocate(size_t bytes);
void reflux_free(void *_Nullable memory, size_t bytes);

/* At least `bytes` bytes of the calling thread, aligned to 64, with arbitrary contents; valid until
 * the thread asks for the same slot (0 ..< 16) again or ends. Ends the process when memory is
 * exhausted. */
void *_Nonnull reflux_thread_scratch(int slot, size_t bytes);

#endif
