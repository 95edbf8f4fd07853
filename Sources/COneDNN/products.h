/* Compiled products and their cache; shared by the files of this shim alone. */
#ifndef REFLUX_ONEDNN_PRODUCTS_H
#define REFLUX_ONEDNN_PRODUCTS_H

#include "COneDNN.h"
#include "compat.h"

#define TRY(call)                                      \
    do {                                               \
        dnnl_status_t status_ = (call);                \
        if (status_ != dnnl_success) return status_;   \
    } while (0)

/* What tells one product from another. A packed factor has `packed` set and no strides of b. */
typedef struct {
    int64_t a_row, a_column, b_row, b_column;
    int32_t m, n, k;
    int32_t type, accumulate, packed;
} product_key;

/* A compiled product with the memory objects it reads and writes. */
typedef struct {
    product_key key;
    dnnl_primitive_t primitive;
    dnnl_memory_t a, b, c, scratch;
    int used;
} product;

/* A thread's products: a hash table with linear probing, never more than half full. */
typedef struct {
    product *slots;
    size_t capacity, count;
    dnnl_stream_t stream;
    void *scratch;
    size_t scratch_bytes;
    float *result;
    size_t result_bytes;
} product_cache;

/* The processor as the library's engine; made by the first reflux_dnnl_get_cache. */
extern dnnl_engine_t reflux_dnnl_engine;

/* The calling thread's cache, made at its first call. */
dnnl_status_t reflux_dnnl_get_cache(product_cache **out);

dnnl_data_type_t reflux_dnnl_data_type(int type);

/* Describes the product of `key`; `b` is the packed factor's layout or NULL. */
dnnl_status_t reflux_dnnl_describe(
    const product_key *key, const md_t *b, dnnl_primitive_desc_t *pd);

/* Finds the product of `key`, or compiles it. */
dnnl_status_t reflux_dnnl_lookup(
    product_cache *cache, const product_key *key, const md_t *b, product **out);

/* Runs a product. */
dnnl_status_t reflux_dnnl_execute(
    product_cache *cache, const product *p, dnnl_memory_t b, const void *a, float *c);

/* Makes `*memory` at least `bytes` long. */
dnnl_status_t reflux_dnnl_reserve(void **memory, size_t *held, size_t bytes);

#endif
