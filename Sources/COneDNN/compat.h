/* The few calls that differ between oneDNN 2 and 3, under one name each. */
#ifndef REFLUX_ONEDNN_COMPAT_H
#define REFLUX_ONEDNN_COMPAT_H

#include <oneapi/dnnl/dnnl.h>
#include <string.h>

/* The parts of a blocked layout: strides of the outer blocks and the inner blocks' dimensions and
 * sizes. */
typedef struct {
    dnnl_dims_t strides;
    int block_count;
    dnnl_dims_t blocks, dimensions;
} md_parts;

#if DNNL_VERSION_MAJOR >= 3

typedef dnnl_memory_desc_t md_t;
typedef const_dnnl_memory_desc_t md_ref;

static inline md_ref md_use(const md_t *md) { return *md; }

static inline dnnl_status_t md_strided(
    md_t *md, const dnnl_dims_t dims, dnnl_data_type_t type, const dnnl_dims_t strides) {
    return dnnl_memory_desc_create_with_strides(md, 2, dims, type, strides);
}

static inline dnnl_status_t md_any(md_t *md, const dnnl_dims_t dims, dnnl_data_type_t type) {
    return dnnl_memory_desc_create_with_tag(md, 2, dims, type, dnnl_format_tag_any);
}

static inline dnnl_status_t md_copy(md_t *md, md_ref other) {
    return dnnl_memory_desc_clone(md, other);
}

static inline void md_free(md_t *md) { dnnl_memory_desc_destroy(*md); }

static inline int md_take_apart(md_ref md, md_parts *parts) {
    dnnl_format_kind_t kind;
    const dnnl_dims_t *strides, *blocks, *dimensions;
    if (dnnl_memory_desc_query(md, dnnl_query_format_kind, &kind) != dnnl_success
        || kind != dnnl_blocked
        || dnnl_memory_desc_query(md, dnnl_query_strides, &strides) != dnnl_success
        || dnnl_memory_desc_query(md, dnnl_query_inner_nblks_s32, &parts->block_count)
            != dnnl_success
        || dnnl_memory_desc_query(md, dnnl_query_inner_blks, &blocks) != dnnl_success
        || dnnl_memory_desc_query(md, dnnl_query_inner_idxs, &dimensions) != dnnl_success) {
        return 0;
    }
    memcpy(parts->strides, *strides, sizeof parts->strides);
    memcpy(parts->blocks, *blocks, sizeof parts->blocks);
    memcpy(parts->dimensions, *dimensions, sizeof parts->dimensions);
    return 1;
}

static inline dnnl_status_t append_sum(dnnl_post_ops_t ops) {
    return dnnl_post_ops_append_sum(ops, 1.0f, 0, dnnl_data_type_undef);
}

static inline dnnl_status_t matmul_pd(
    dnnl_primitive_desc_t *pd, dnnl_engine_t engine, md_ref a, md_ref b, md_ref c,
    dnnl_primitive_attr_t attr) {
    return dnnl_matmul_primitive_desc_create(pd, engine, a, b, NULL, c, attr);
}

#else

typedef dnnl_memory_desc_t md_t;
typedef const dnnl_memory_desc_t *md_ref;

static inline md_ref md_use(const md_t *md) { return md; }

static inline dnnl_status_t md_strided(
    md_t *md, const dnnl_dims_t dims, dnnl_data_type_t type, const dnnl_dims_t strides) {
    return dnnl_memory_desc_init_by_strides(md, 2, dims, type, strides);
}

static inline dnnl_status_t md_any(md_t *md, const dnnl_dims_t dims, dnnl_data_type_t type) {
    return dnnl_memory_desc_init_by_tag(md, 2, dims, type, dnnl_format_tag_any);
}

static inline dnnl_status_t md_copy(md_t *md, md_ref other) {
    *md = *other;
    return dnnl_success;
}

static inline void md_free(md_t *md) { (void)md; }

static inline int md_take_apart(md_ref md, md_parts *parts) {
    if (md->format_kind != dnnl_blocked) return 0;
    const dnnl_blocking_desc_t *blocking = &md->format_desc.blocking;
    parts->block_count = blocking->inner_nblks;
    memcpy(parts->strides, blocking->strides, sizeof parts->strides);
    memcpy(parts->blocks, blocking->inner_blks, sizeof parts->blocks);
    memcpy(parts->dimensions, blocking->inner_idxs, sizeof parts->dimensions);
    return 1;
}

static inline dnnl_status_t append_sum(dnnl_post_ops_t ops) {
    return dnnl_post_ops_append_sum(ops, 1.0f);
}

static inline dnnl_status_t matmul_pd(
    dnnl_primitive_desc_t *pd, dnnl_engine_t engine, md_ref a, md_ref b, md_ref c,
    dnnl_primitive_attr_t attr) {
    dnnl_matmul_desc_t desc;
    dnnl_status_t status = dnnl_matmul_desc_init(&desc, a, b, NULL, c);
    if (status != dnnl_success) return status;
    return dnnl_primitive_desc_create(pd, &desc, attr, engine, NULL);
}

#endif

/* Where column `first` of a layout [k, n] begins, in elements, if the columns from there on lie as
 * `part`, a layout [k, fewer], wants them; 0 if they do not. */
static inline int column_start(md_ref whole, md_ref part, int first, size_t *start) {
    md_parts a, b;
    if (!md_take_apart(whole, &a) || !md_take_apart(part, &b)) return 0;
    if (a.strides[0] != b.strides[0] || a.strides[1] != b.strides[1]) return 0;
    if (a.block_count != b.block_count) return 0;
    dnnl_dim_t columns = 1;
    for (int i = 0; i < a.block_count; i++) {
        if (a.blocks[i] != b.blocks[i] || a.dimensions[i] != b.dimensions[i]) return 0;
        if (a.dimensions[i] == 1) columns *= a.blocks[i];
    }
    if (first % columns != 0) return 0;
    *start = (size_t)(first / columns * a.strides[1]);
    return 1;
}

#endif
