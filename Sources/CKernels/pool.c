#define _GNU_SOURCE
#include "include/Pool.h"

#include <limits.h>
#include <linux/futex.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__x86_64__)
#include <immintrin.h>
static inline void relax(void) { _mm_pause(); }
/* Numbers below 2^-126 count as 0: they would be slow, and mean nothing here. */
static inline unsigned flush_denormals(void) {
    unsigned before = _mm_getcsr();
    _mm_setcsr(before | 0x8040);
    return before;
}
static inline void restore_denormals(unsigned before) { _mm_setcsr(before); }
#else
static inline void relax(void) {}
static inline unsigned flush_denormals(void) { return 0; }
static inline void restore_denormals(unsigned before) { (void)before; }
#endif

/* Turns of a waiting loop before it sleeps: some ten microseconds, longer than the gap between
 * the jobs of one step. */
enum { SPINS = 2000 };

struct reflux_pool {
    /* The job's number in the upper half, its tasks not yet taken in the lower. A task is taken by
     * lowering it; that succeeds only while the job still runs, so a thread that comes late can
     * neither take a task of a finished job nor mistake one job's function for another's. */
    _Alignas(64) _Atomic uint64_t state;
    _Alignas(64) _Atomic(reflux_task) task;
    _Atomic(void *) context;
    _Atomic int tasks;
    _Alignas(64) _Atomic uint32_t done;
    _Atomic uint32_t caller_sleeps;
    _Alignas(64) _Atomic uint32_t wake;
    _Atomic uint32_t sleepers;
    _Atomic int ending;
    pthread_mutex_t turn;
    int threads;
    int started;
    pthread_t *handles;
};

static _Thread_local int inside_job;

static void futex_wait(_Atomic uint32_t *word, uint32_t value) {
    syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, value, NULL, NULL, 0);
}

static void futex_wake(_Atomic uint32_t *word) {
    syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, INT_MAX, NULL, NULL, 0);
}

/* Takes and runs one task; 0 when there is none to take. */
static int run_one(reflux_pool *pool) {
    uint64_t state = atomic_load_explicit(&pool->state, memory_order_acquire);
    while ((uint32_t)state != 0) {
        reflux_task task = atomic_load_explicit(&pool->task, memory_order_relaxed);
        void *context = atomic_load_explicit(&pool->context, memory_order_relaxed);
        int tasks = atomic_load_explicit(&pool->tasks, memory_order_relaxed);
        int index = tasks - (int)(uint32_t)state;
        if (!atomic_compare_exchange_weak_explicit(
                &pool->state, &state, state - 1, memory_order_acq_rel, memory_order_acquire)) {
            continue;
        }
        task(context, index);
        uint32_t done = atomic_fetch_add(&pool->done, 1) + 1;
        if ((int)done == tasks && atomic_load(&pool->caller_sleeps)) futex_wake(&pool->done);
        return 1;
    }
    return 0;
}

static void wait_for_job(reflux_pool *pool) {
    for (int i = 0; i < SPINS; i++) {
        if ((uint32_t)atomic_load_explicit(&pool->state, memory_order_relaxed) != 0) return;
        relax();
    }
    uint32_t seen = atomic_load(&pool->wake);
    atomic_fetch_add(&pool->sleepers, 1);
    if ((uint32_t)atomic_load(&pool->state) == 0 && !atomic_load(&pool->ending)) {
        futex_wait(&pool->wake, seen);
    }
    atomic_fetch_sub(&pool->sleepers, 1);
}

static void *work(void *pointer) {
    reflux_pool *pool = pointer;
    inside_job = 1;
    flush_denormals();
    while (!atomic_load_explicit(&pool->ending, memory_order_relaxed)) {
        if (!run_one(pool)) wait_for_job(pool);
    }
    return NULL;
}

static int start_worker(reflux_pool *pool) {
    return pthread_create(&pool->handles[pool->started], NULL, work, pool) == 0;
}

reflux_pool *reflux_pool_create(int threads) {
    reflux_pool *pool = aligned_alloc(64, (sizeof(reflux_pool) + 63) & ~(size_t)63);
    if (!pool) return NULL;
    *pool = (reflux_pool){.threads = threads};
    pool->handles = calloc((size_t)threads, sizeof *pool->handles);
    if (!pool->handles) {
        free(pool);
        return NULL;
    }
    pthread_mutex_init(&pool->turn, NULL);
    while (pool->started < threads - 1 && start_worker(pool)) pool->started++;
    pool->threads = pool->started + 1;
    return pool;
}

void reflux_pool_destroy(reflux_pool *pool) {
    atomic_store(&pool->ending, 1);
    atomic_fetch_add(&pool->wake, 1);
    futex_wake(&pool->wake);
    for (int i = 0; i < pool->started; i++) pthread_join(pool->handles[i], NULL);
    pthread_mutex_destroy(&pool->turn);
    free(pool->handles);
    free(pool);
}

int reflux_pool_threads(const reflux_pool *pool) { return pool->threads; }

static void wait_for_tasks(reflux_pool *pool, uint32_t tasks) {
    for (int i = 0; i < 4 * SPINS; i++) {
        if (atomic_load_explicit(&pool->done, memory_order_acquire) == tasks) return;
        relax();
    }
    atomic_store(&pool->caller_sleeps, 1);
    uint32_t done;
    while ((done = atomic_load(&pool->done)) != tasks) futex_wait(&pool->done, done);
    atomic_store(&pool->caller_sleeps, 0);
}

static void run_shared(reflux_pool *pool, int tasks, reflux_task task, void *context) {
    pthread_mutex_lock(&pool->turn);
    uint64_t number = (atomic_load(&pool->state) >> 32) + 1;
    atomic_store_explicit(&pool->task, task, memory_order_relaxed);
    atomic_store_explicit(&pool->context, context, memory_order_relaxed);
    atomic_store_explicit(&pool->tasks, tasks, memory_order_relaxed);
    atomic_store(&pool->done, 0);
    atomic_store(&pool->state, number << 32 | (uint32_t)tasks);
    atomic_fetch_add(&pool->wake, 1);
    if (atomic_load(&pool->sleepers)) futex_wake(&pool->wake);
    while (run_one(pool)) {
    }
    wait_for_tasks(pool, (uint32_t)tasks);
    pthread_mutex_unlock(&pool->turn);
}

void reflux_pool_run(reflux_pool *pool, int tasks, reflux_task task, void *context) {
    unsigned before = flush_denormals();
    if (inside_job || tasks < 2 || pool->threads < 2) {
        for (int i = 0; i < tasks; i++) task(context, i);
    } else {
        inside_job = 1;
        run_shared(pool, tasks, task, context);
        inside_job = 0;
    }
    restore_denormals(before);
}
