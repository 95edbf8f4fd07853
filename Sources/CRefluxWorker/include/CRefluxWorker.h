/* Worker processes of plugins: what Swift cannot do.
 *
 * What a worker leaves behind when it dies is a page of memory that it shares with the process that
 * started it; a signal handler writes it, and may only do what is async-signal-safe. The functions
 * at the end are GNU extensions that Swift's Glibc module does not show. */
#ifndef CREFLUXWORKER_H
#define CREFLUXWORKER_H

#include <spawn.h>
#include <stdint.h>

/* The last words. A plugin can write nonsense into it, so it explains a death and decides nothing. */
typedef struct reflux_last_words {
    /* Not 0 when the worker ended because its connection was gone. */
    int32_t connection_lost;
    /* The signal, 0 when there was none. */
    int32_t signal;
    /* errno of the thread that got the signal; ENOMEM after a failed allocation. */
    int32_t error;
    /* Not 0 when the address that could not be reached lies at the end of the stack. */
    int32_t stack_overflow;
    /* The address space in use when the signal came, in pages; 0 when it is not known. */
    uint64_t pages;
} reflux_last_words;

/* Makes the page: a file descriptor that is closed by exec, or -1 with errno. */
int32_t reflux_last_words_make(void);

/* Maps the page of a file descriptor, or gives NULL. */
reflux_last_words *reflux_last_words_map(int32_t descriptor);

/* Unmaps it. */
void reflux_last_words_unmap(reflux_last_words *words);

/* Fills in the page when this process gets a signal that ends it, and lets it end. Handlers run on a
 * stack of their own where the calling thread is the one that overflowed its. Returns 0, or errno. */
int32_t reflux_last_words_on_signals(reflux_last_words *words);

/* pipe2 with O_CLOEXEC: 0, or -1 with errno. */
int32_t reflux_worker_pipe(int32_t ends[2]);

/* posix_spawn_file_actions_addclosefrom_np: closes all descriptors from one on. Returns errno. */
int32_t reflux_worker_close_from(posix_spawn_file_actions_t *actions, int32_t first);

/* Has standard output written line by line, into a pipe too. */
void reflux_worker_buffer_lines(void);

/* secure_getenv: NULL in a set-user-id process. */
const char *reflux_worker_variable(const char *name);

#endif
