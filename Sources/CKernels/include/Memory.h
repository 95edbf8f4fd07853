/* Memory that is kept: large zeroed arrays, and scratch of each thread. */
#ifndef REFLUX_MEMORY_H
#define REFLUX_MEMORY_H

#include <stddef.h>

/* Zeroed memory aligned to 64 bytes or better; NULL when there is none. Large blocks ask the system
 * for huge pages. */
void *_Nullable reflux_allocate(size_t bytes);
void reflux_free(void *_Nullable memory, size_t bytes);

/* Addresses for as much memory as the machine has, or less where the system does not give so many:
 * zeros, aligned to 64 bytes, which take memory when they are first written. `*bytes` is how much;
 * NULL when there is nothing. To be freed by reflux_free. (Where the system counts addresses as
 * memory, vm.overcommit_memory = 2, what it gives counts in full.) */
void *_Nullable reflux_reserve(size_t *_Nonnull bytes);

/* At least `bytes` bytes of the calling thread, aligned to 64, with arbitrary contents; valid until
 * the thread asks for the same slot (0 ..< 16) again or ends. Ends the process when memory is
 * exhausted. */
void *_Nonnull reflux_thread_scratch(int slot, size_t bytes);

#endif
