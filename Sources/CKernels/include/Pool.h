/* A pool of threads that run the tasks of one job after another. */
#ifndef REFLUX_POOL_H
#define REFLUX_POOL_H

/* What a job does for task `task` of its tasks. Called from several threads at once. */
typedef void (*reflux_task)(void *context, int task);

typedef struct reflux_pool reflux_pool;

/* Makes a pool of `threads` threads; the caller of reflux_pool_run is one of them. NULL when the
 * machine refuses. */
reflux_pool *reflux_pool_create(int threads);

/* Ends the threads and frees the pool. No job may be running. */
void reflux_pool_destroy(reflux_pool *pool);

int reflux_pool_threads(const reflux_pool *pool);

/* Runs tasks 0 ..< tasks and returns when all are done. Which thread runs which task is left open,
 * so tasks must not depend on it. One job at a time: another caller waits. A job that is started
 * from within a task runs on that task's thread alone. */
void reflux_pool_run(reflux_pool *pool, int tasks, reflux_task task, void *context);

#endif
