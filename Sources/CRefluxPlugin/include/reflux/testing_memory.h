/* Memory of the mock host: inputs that are compared after a call, outputs between guard zones. All
 * of it is freed at once by reflux_arena_free. Part of testing.h. */
#ifndef REFLUX_TESTING_MEMORY_H
#define REFLUX_TESTING_MEMORY_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Bytes of a guard zone, and what they are filled with. */
#define REFLUX_ARENA_GUARD ((size_t)64)
#define REFLUX_ARENA_FILL 0xA5

/* One piece of memory. */
typedef struct reflux_arena_block {
    struct reflux_arena_block *next;
    unsigned char *memory;
    size_t size;
    /* Bytes of guard before and behind; 0 for an input. */
    size_t guard;
    /* Whether it was there when reflux_arena_seal was called, and the checksum made then. */
    int is_sealed;
    uint64_t sum;
} reflux_arena_block;

/* Pieces of memory that live equally long. */
typedef struct reflux_arena {
    reflux_arena_block *first;
} reflux_arena;

/* Memory, or the end of the test program. */
static inline void *reflux_arena_allocate(size_t size) {
    void *memory = malloc(size == 0 ? 1 : size);
    if (memory == NULL) {
        fprintf(stderr, "reflux mock host: out of memory\n");
        abort();
    }
    return memory;
}

static inline unsigned char *reflux_arena_add(reflux_arena *arena, size_t size, size_t guard) {
    reflux_arena_block *block = (reflux_arena_block *)reflux_arena_allocate(sizeof(*block));
    block->memory = (unsigned char *)reflux_arena_allocate(size + 2 * guard);
    block->size = size;
    block->guard = guard;
    block->is_sealed = 0;
    block->sum = 0;
    block->next = arena->first;
    arena->first = block;
    if (guard > 0) { memset(block->memory, REFLUX_ARENA_FILL, size + 2 * guard); }
    return block->memory + guard;
}

/* Zeroed memory that the plugin may read only, of exactly this size, so that a sanitizer sees what
 * reads past it. */
static inline void *reflux_arena_input(reflux_arena *arena, size_t size) {
    unsigned char *memory = reflux_arena_add(arena, size, 0);
    memset(memory, 0, size);
    return memory;
}

/* A copy for the plugin to read. NULL stays NULL. */
static inline void *reflux_arena_copy(reflux_arena *arena, const void *source, size_t size) {
    unsigned char *memory;
    if (source == NULL) { return NULL; }
    memory = reflux_arena_add(arena, size, 0);
    if (size > 0) { memcpy(memory, source, size); }
    return memory;
}

/* Memory for the plugin to write, between guard zones. */
static inline void *reflux_arena_output(reflux_arena *arena, size_t size) {
    return reflux_arena_add(arena, size, REFLUX_ARENA_GUARD);
}

/* FNV-1a. */
static inline uint64_t reflux_arena_sum(const unsigned char *memory, size_t size) {
    uint64_t sum = UINT64_C(0xcbf29ce484222325);
    size_t index;
    for (index = 0; index < size; index += 1) {
        sum = (sum ^ memory[index]) * UINT64_C(0x100000001b3);
    }
    return sum;
}

/* Remembers what the inputs hold. */
static inline void reflux_arena_seal(reflux_arena *arena) {
    reflux_arena_block *block;
    for (block = arena->first; block != NULL; block = block->next) {
        if (block->guard > 0) { continue; }
        block->is_sealed = 1;
        block->sum = reflux_arena_sum(block->memory, block->size);
    }
}

/* How many inputs no longer hold what they held when they were sealed. */
static inline int reflux_arena_changed(const reflux_arena *arena) {
    const reflux_arena_block *block;
    int count = 0;
    for (block = arena->first; block != NULL; block = block->next) {
        if (!block->is_sealed) { continue; }
        count += reflux_arena_sum(block->memory, block->size) != block->sum;
    }
    return count;
}

/* How many outputs were written past their ends. */
static inline int reflux_arena_overrun(const reflux_arena *arena) {
    const reflux_arena_block *block;
    int count = 0;
    for (block = arena->first; block != NULL; block = block->next) {
        size_t index;
        int broken = 0;
        for (index = 0; index < block->guard; index += 1) {
            broken |= block->memory[index] != REFLUX_ARENA_FILL;
            broken |= block->memory[block->guard + block->size + index] != REFLUX_ARENA_FILL;
        }
        count += broken;
    }
    return count;
}

/* Frees everything. */
static inline void reflux_arena_free(reflux_arena *arena) {
    while (arena->first != NULL) {
        reflux_arena_block *block = arena->first;
        arena->first = block->next;
        free(block->memory);
        free(block);
    }
}

#ifdef __cplusplus
}
#endif

#endif
