#define _GNU_SOURCE
#include "include/Memory.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

enum { SLOTS = 16, PAGE = 4096 };

static size_t whole_pages(size_t bytes) {
    return bytes < PAGE ? PAGE : (bytes + PAGE - 1) & ~(size_t)(PAGE - 1);
}

void *reflux_allocate(size_t bytes) {
    size_t size = whole_pages(bytes);
    if (size < bytes) return NULL;
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) return NULL;
    madvise(memory, size, MADV_HUGEPAGE);
    return memory;
}

void reflux_free(void *memory, size_t bytes) {
    if (memory) munmap(memory, whole_pages(bytes));
}

void *reflux_reserve(size_t *bytes) {
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    size_t size = whole_pages((size_t)sysconf(_SC_PHYS_PAGES) * page);
    for (; size >= PAGE; size = whole_pages(size / 2)) {
        void *memory = mmap(
            NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (memory != MAP_FAILED) {
            madvise(memory, size, MADV_HUGEPAGE);
            *bytes = size;
            return memory;
        }
        if (size == PAGE) break;
    }
    *bytes = 0;
    return NULL;
}

typedef struct {
    void *memory[SLOTS];
    size_t bytes[SLOTS];
} scratch;

static pthread_key_t scratch_key;
static pthread_once_t scratch_once = PTHREAD_ONCE_INIT;
static _Thread_local scratch *thread_scratch;

static void free_scratch(void *pointer) {
    scratch *s = pointer;
    for (int i = 0; i < SLOTS; i++) reflux_free(s->memory[i], s->bytes[i]);
    free(s);
}

static void make_key(void) { pthread_key_create(&scratch_key, free_scratch); }

void *reflux_thread_scratch(int slot, size_t bytes) {
    if (!thread_scratch) {
        pthread_once(&scratch_once, make_key);
        thread_scratch = calloc(1, sizeof *thread_scratch);
        if (!thread_scratch) abort();
        pthread_setspecific(scratch_key, thread_scratch);
    }
    scratch *s = thread_scratch;
    if (bytes > s->bytes[slot] || !s->memory[slot]) {
        size_t size = whole_pages(bytes + bytes / 4);
        reflux_free(s->memory[slot], s->bytes[slot]);
        s->memory[slot] = reflux_allocate(size);
        s->bytes[slot] = size;
        if (!s->memory[slot]) abort();
    }
    return s->memory[slot];
}
