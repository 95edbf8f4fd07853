#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "products.h"

struct reflux_dnnl_packed {
    md_t md;
    dnnl_memory_t memory;
    void *data;
    size_t bytes;
    int is_slice;
    int n, k;
    reflux_dnnl_type type;
};

void reflux_dnnl_version(char *text) {
    const dnnl_version_t *v = dnnl_version();
    snprintf(text, 32, "%d.%d.%d", v->major, v->minor, v->patch);
}

/* Asks the library for the order it wants. That does not depend on the rows of the other factor;
 * 128 stands for all. */
static dnnl_status_t create_layout(reflux_dnnl_packed *out) {
    product_cache *cache;
    TRY(reflux_dnnl_get_cache(&cache));
    product_key key = {
        .m = 128, .n = out->n, .k = out->k, .type = out->type, .packed = 1, .a_row = out->k,
        .a_column = 1};
    dnnl_primitive_desc_t pd;
    TRY(reflux_dnnl_describe(&key, NULL, &pd));
    dnnl_status_t status =
        md_copy(&out->md, dnnl_primitive_desc_query_md(pd, dnnl_query_weights_md, 0));
    dnnl_primitive_desc_destroy(pd);
    return status;
}

static dnnl_status_t create_memory(reflux_dnnl_packed *out) {
    return dnnl_memory_create(
        &out->memory, md_use(&out->md), reflux_dnnl_engine, out->data);
}

static dnnl_status_t create_packed(reflux_dnnl_packed *out) {
    TRY(create_layout(out));
    dnnl_status_t status = reflux_dnnl_reserve(
        &out->data, &out->bytes, dnnl_memory_desc_get_size(md_use(&out->md)));
    if (status == dnnl_success) {
        status = create_memory(out);
    }
    if (status == dnnl_success) return status;
    free(out->data);
    md_free(&out->md);
    return status;
}

reflux_dnnl_packed *reflux_dnnl_packed_create(int n, int k, reflux_dnnl_type type) {
    reflux_dnnl_packed *packed = calloc(1, sizeof *packed);
    if (!packed) return NULL;
    packed->n = n;
    packed->k = k;
    packed->type = type;
    if (create_packed(packed) == dnnl_success) return packed;
    free(packed);
    return NULL;
}

void reflux_dnnl_packed_destroy(reflux_dnnl_packed *packed) {
    if (!packed) return;
    dnnl_memory_destroy(packed->memory);
    md_free(&packed->md);
    if (!packed->is_slice) free(packed->data);
    free(packed);
}

int reflux_dnnl_pack(
    reflux_dnnl_packed *packed, const void *b, int64_t row_stride, int64_t column_stride) {
    product_cache *cache;
    TRY(reflux_dnnl_get_cache(&cache));
    dnnl_dims_t dims = {packed->k, packed->n}, strides = {row_stride, column_stride};
    md_t md;
    TRY(md_strided(&md, dims, reflux_dnnl_data_type(packed->type), strides));
    dnnl_memory_t source = NULL;
    dnnl_primitive_desc_t pd = NULL;
    dnnl_primitive_t reorder = NULL;
    dnnl_status_t status =
        dnnl_memory_create(&source, md_use(&md), reflux_dnnl_engine, (void *)b);
    if (status == dnnl_success) {
        status = dnnl_reorder_primitive_desc_create(
            &pd, md_use(&md), reflux_dnnl_engine, md_use(&packed->md), reflux_dnnl_engine,
            NULL);
    }
    if (status == dnnl_success) status = dnnl_primitive_create(&reorder, pd);
    if (status == dnnl_success) {
        dnnl_exec_arg_t arguments[2] = {
            {DNNL_ARG_FROM, source}, {DNNL_ARG_TO, packed->memory}};
        status = dnnl_primitive_execute(reorder, cache->stream, 2, arguments);
    }
    if (reorder) dnnl_primitive_destroy(reorder);
    if (pd) dnnl_primitive_desc_destroy(pd);
    if (source) dnnl_memory_destroy(source);
    md_free(&md);
    return status;
}

static dnnl_status_t create_slice(
    const reflux_dnnl_packed *whole, int first, reflux_dnnl_packed *out) {
    TRY(create_layout(out));
    size_t start;
    if (!column_start(md_use(&whole->md), md_use(&out->md), first, &start)) {
        md_free(&out->md);
        return dnnl_unimplemented;
    }
    size_t width = out->type == REFLUX_DNNL_BF16 ? 2 : 4;
    out->data = (char *)whole->data + start * width;
    dnnl_status_t status = create_memory(out);
    if (status != dnnl_success) md_free(&out->md);
    return status;
}

reflux_dnnl_packed *reflux_dnnl_packed_slice(const reflux_dnnl_packed *whole, int first, int n) {
    reflux_dnnl_packed *slice = calloc(1, sizeof *slice);
    if (!slice) return NULL;
    slice->n = n;
    slice->k = whole->k;
    slice->type = whole->type;
    slice->is_slice = 1;
    if (create_slice(whole, first, slice) == dnnl_success) return slice;
    free(slice);
    return NULL;
}

static void copy_result(
    const float *from, int m, int n, float *c, int64_t c_stride, int accumulate) {
    for (int i = 0; i < m; i++) {
        const float *row = from + (size_t)i * (size_t)n;
        float *to = c + i * c_stride;
        if (accumulate) {
            for (int j = 0; j < n; j++) to[j] += row[j];
        } else {
            memcpy(to, row, (size_t)n * sizeof *to);
        }
    }
}

int reflux_dnnl_multiply_packed(
    const reflux_dnnl_packed *packed, int m, const void *a, float *c, int64_t c_stride,
    int accumulate) {
    product_cache *cache;
    TRY(reflux_dnnl_get_cache(&cache));
    int dense = c_stride == packed->n || m == 1;
    product_key key = {
        .m = m, .n = packed->n, .k = packed->k, .type = packed->type,
        .accumulate = dense && accumulate, .packed = 1, .a_row = packed->k, .a_column = 1};
    product *p;
    TRY(reflux_dnnl_lookup(cache, &key, &packed->md, &p));
    if (dense) return reflux_dnnl_execute(cache, p, packed->memory, a, c);
    size_t bytes = (size_t)m * (size_t)packed->n * sizeof(float);
    TRY(reflux_dnnl_reserve((void **)&cache->result, &cache->result_bytes, bytes));
    TRY(reflux_dnnl_execute(cache, p, packed->memory, a, cache->result));
    copy_result(cache->result, m, packed->n, c, c_stride, accumulate);
    return dnnl_success;
}
