#define _GNU_SOURCE
#include "COneDNN.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "products.h"

dnnl_engine_t reflux_dnnl_engine;
static dnnl_status_t engine_status;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t cache_key;
static _Thread_local product_cache *thread_cache;

/* The library may be built on OpenMP or not; with OpenMP its threads must not fight the pool's. */
static void (*set_openmp_threads)(int);

static void free_cache(void *pointer) {
    product_cache *cache = pointer;
    for (size_t i = 0; i < cache->capacity; i++) {
        product *p = &cache->slots[i];
        if (!p->used) continue;
        dnnl_primitive_destroy(p->primitive);
        dnnl_memory_destroy(p->a);
        if (p->b) dnnl_memory_destroy(p->b);
        dnnl_memory_destroy(p->c);
        if (p->scratch) dnnl_memory_destroy(p->scratch);
    }
    dnnl_stream_destroy(cache->stream);
    free(cache->slots);
    free(cache->scratch);
    free(cache->result);
    free(cache);
}

static void start(void) {
    set_openmp_threads = (void (*)(int))dlsym(RTLD_DEFAULT, "omp_set_num_threads");
    engine_status = dnnl_engine_create(&reflux_dnnl_engine, dnnl_cpu, 0);
    pthread_key_create(&cache_key, free_cache);
}

dnnl_status_t reflux_dnnl_get_cache(product_cache **out) {
    if (thread_cache) {
        *out = thread_cache;
        return dnnl_success;
    }
    pthread_once(&once, start);
    TRY(engine_status);
    if (set_openmp_threads) set_openmp_threads(1);
    product_cache *cache = calloc(1, sizeof *cache);
    if (!cache) return dnnl_out_of_memory;
    cache->capacity = 256;
    cache->slots = calloc(cache->capacity, sizeof *cache->slots);
    dnnl_status_t status = cache->slots
        ? dnnl_stream_create(&cache->stream, reflux_dnnl_engine, dnnl_stream_in_order)
        : dnnl_out_of_memory;
    if (status != dnnl_success) {
        free(cache->slots);
        free(cache);
        return status;
    }
    pthread_setspecific(cache_key, cache);
    thread_cache = cache;
    *out = cache;
    return dnnl_success;
}

dnnl_data_type_t reflux_dnnl_data_type(int type) {
    return type == REFLUX_DNNL_BF16 ? dnnl_bf16 : dnnl_f32;
}

static size_t hash(const product_key *key) {
    const unsigned char *bytes = (const unsigned char *)key;
    uint64_t h = 1469598103934665603u;
    for (size_t i = 0; i < sizeof *key; i += 4) {
        uint32_t word;
        memcpy(&word, bytes + i, 4);
        h = (h ^ word) * 1099511628211u;
    }
    return (size_t)(h ^ (h >> 32));
}

static product *find(product_cache *cache, const product_key *key) {
    size_t i = hash(key) & (cache->capacity - 1);
    while (cache->slots[i].used && memcmp(&cache->slots[i].key, key, sizeof *key) != 0) {
        i = (i + 1) & (cache->capacity - 1);
    }
    return &cache->slots[i];
}

static dnnl_status_t grow(product_cache *cache) {
    product_cache larger = *cache;
    larger.capacity *= 2;
    larger.slots = calloc(larger.capacity, sizeof *larger.slots);
    if (!larger.slots) return dnnl_out_of_memory;
    for (size_t i = 0; i < cache->capacity; i++) {
        if (cache->slots[i].used) *find(&larger, &cache->slots[i].key) = cache->slots[i];
    }
    free(cache->slots);
    *cache = larger;
    return dnnl_success;
}

static dnnl_status_t make_attributes(dnnl_primitive_attr_t *attr, int accumulate) {
    TRY(dnnl_primitive_attr_create(attr));
    TRY(dnnl_primitive_attr_set_scratchpad_mode(*attr, dnnl_scratchpad_mode_user));
    if (!accumulate) return dnnl_success;
    dnnl_post_ops_t ops;
    TRY(dnnl_post_ops_create(&ops));
    dnnl_status_t status = append_sum(ops);
    if (status == dnnl_success) status = dnnl_primitive_attr_set_post_ops(*attr, ops);
    dnnl_post_ops_destroy(ops);
    return status;
}

dnnl_status_t reflux_dnnl_describe(
    const product_key *key, const md_t *b, dnnl_primitive_desc_t *pd) {
    dnnl_dims_t a_dims = {key->m, key->k}, b_dims = {key->k, key->n}, c_dims = {key->m, key->n};
    dnnl_dims_t a_strides = {key->a_row, key->a_column};
    dnnl_dims_t b_strides = {key->b_row, key->b_column}, c_strides = {key->n, 1};
    md_t a_md, b_md, c_md;
    TRY(md_strided(&a_md, a_dims, reflux_dnnl_data_type(key->type), a_strides));
    TRY(md_strided(&c_md, c_dims, dnnl_f32, c_strides));
    if (b) {
        TRY(md_copy(&b_md, md_use(b)));
    } else if (key->packed) {
        TRY(md_any(&b_md, b_dims, reflux_dnnl_data_type(key->type)));
    } else {
        TRY(md_strided(&b_md, b_dims, reflux_dnnl_data_type(key->type), b_strides));
    }
    dnnl_primitive_attr_t attr;
    dnnl_status_t status = make_attributes(&attr, key->accumulate);
    if (status == dnnl_success) {
        status = matmul_pd(
            pd, reflux_dnnl_engine, md_use(&a_md), md_use(&b_md), md_use(&c_md), attr);
        dnnl_primitive_attr_destroy(attr);
    }
    md_free(&a_md);
    md_free(&b_md);
    md_free(&c_md);
    return status;
}

static dnnl_status_t make_memory(
    const_dnnl_primitive_desc_t pd, dnnl_query_t what, dnnl_memory_t *memory) {
    return dnnl_memory_create(
        memory, dnnl_primitive_desc_query_md(pd, what, 0), reflux_dnnl_engine, DNNL_MEMORY_NONE);
}

/* Makes `*memory` at least `bytes` long. */
dnnl_status_t reflux_dnnl_reserve(void **memory, size_t *held, size_t bytes) {
    if (bytes <= *held) return dnnl_success;
    size_t size = (bytes + 4095) & ~(size_t)4095;
    void *larger = aligned_alloc(4096, size);
    if (!larger) return dnnl_out_of_memory;
    free(*memory);
    *memory = larger;
    *held = size;
    return dnnl_success;
}

static dnnl_status_t make_scratch(
    product_cache *cache, const_dnnl_primitive_desc_t pd, dnnl_memory_t *memory) {
    md_ref md = dnnl_primitive_desc_query_md(pd, dnnl_query_scratchpad_md, 0);
    size_t bytes = md ? dnnl_memory_desc_get_size(md) : 0;
    *memory = NULL;
    if (bytes == 0) return dnnl_success;
    TRY(reflux_dnnl_reserve(&cache->scratch, &cache->scratch_bytes, bytes));
    return dnnl_memory_create(memory, md, reflux_dnnl_engine, DNNL_MEMORY_NONE);
}

static dnnl_status_t compile(
    product_cache *cache, const product_key *key, const md_t *b, product *slot) {
    dnnl_primitive_desc_t pd;
    TRY(reflux_dnnl_describe(key, b, &pd));
    product made = {.key = *key, .used = 1};
    dnnl_status_t status = dnnl_primitive_create(&made.primitive, pd);
    if (status == dnnl_success) status = make_memory(pd, dnnl_query_src_md, &made.a);
    if (status == dnnl_success && !b) status = make_memory(pd, dnnl_query_weights_md, &made.b);
    if (status == dnnl_success) status = make_memory(pd, dnnl_query_dst_md, &made.c);
    if (status == dnnl_success) status = make_scratch(cache, pd, &made.scratch);
    dnnl_primitive_desc_destroy(pd);
    if (status == dnnl_success) *slot = made;
    return status;
}

dnnl_status_t reflux_dnnl_lookup(
    product_cache *cache, const product_key *key, const md_t *b, product **out) {
    product *slot = find(cache, key);
    if (!slot->used) {
        if (2 * (cache->count + 1) > cache->capacity) {
            TRY(grow(cache));
            slot = find(cache, key);
        }
        TRY(compile(cache, key, b, slot));
        cache->count++;
    }
    *out = slot;
    return dnnl_success;
}

dnnl_status_t reflux_dnnl_execute(
    product_cache *cache, const product *p, dnnl_memory_t b, const void *a, float *c) {
    TRY(dnnl_memory_set_data_handle(p->a, (void *)a));
    TRY(dnnl_memory_set_data_handle(p->c, c));
    dnnl_exec_arg_t arguments[4] = {
        {DNNL_ARG_SRC, p->a}, {DNNL_ARG_WEIGHTS, b}, {DNNL_ARG_DST, p->c},
        {DNNL_ARG_SCRATCHPAD, p->scratch}};
    if (p->scratch) TRY(dnnl_memory_set_data_handle(p->scratch, cache->scratch));
    return dnnl_primitive_execute(p->primitive, cache->stream, p->scratch ? 4 : 3, arguments);
}

int reflux_dnnl_multiply(
    reflux_dnnl_type type, int m, int n, int k, const void *a, int64_t a_row, int64_t a_column,
    const void *b, int64_t b_row, int64_t b_column, float *c, int accumulate) {
    product_cache *cache;
    TRY(reflux_dnnl_get_cache(&cache));
    product_key key = {
        .m = m, .n = n, .k = k, .type = type, .accumulate = accumulate != 0, .a_row = a_row,
        .a_column = a_column, .b_row = b_row, .b_column = b_column};
    product *p;
    TRY(reflux_dnnl_lookup(cache, &key, NULL, &p));
    TRY(dnnl_memory_set_data_handle(p->b, (void *)b));
    return reflux_dnnl_execute(cache, p, p->b, a, c);
}
