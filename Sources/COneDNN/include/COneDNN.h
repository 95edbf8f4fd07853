/* Matrix products by oneDNN, versions 2 and 3 alike.
 *
 * A shim, because Swift cannot call the library's version-dependent structs and because primitives
 * must be cached: making one compiles code, about a millisecond. Each calling thread has its own
 * cache, so calls take no lock; on every thread the library computes single-threaded, because the
 * engine's own pool spreads the work.
 *
 * Functions that can fail return 0 when they worked, else the library's status. */
#ifndef REFLUX_ONEDNN_H
#define REFLUX_ONEDNN_H

#include <stddef.h>
#include <stdint.h>

/* The type of both factors; results are always float. */
typedef enum { REFLUX_DNNL_F32 = 0, REFLUX_DNNL_BF16 = 1 } reflux_dnnl_type;

/* A matrix of `k` rows and `n` columns in the order that the library's kernels want. */
typedef struct reflux_dnnl_packed reflux_dnnl_packed;

/* The library's version, for instance "2.6.3", ended by 0, into at least 32 bytes. */
void reflux_dnnl_version(char *text);

/* Makes an empty packed matrix; NULL when the library refuses or memory is short. */
reflux_dnnl_packed *reflux_dnnl_packed_create(int n, int k, reflux_dnnl_type type);
void reflux_dnnl_packed_destroy(reflux_dnnl_packed *packed);
/* Fills it from b, where element (row, column) is b[row * row_stride + column * column_stride] of
 * the packed type. One of the strides is 1. */
int reflux_dnnl_pack(
    reflux_dnnl_packed *packed, const void *b, int64_t row_stride, int64_t column_stride);

/* The columns first ..< first + n of a packed matrix, as a view of its memory: it must not outlive
 * the matrix nor be filled. NULL when the library's order of elements does not allow it. */
reflux_dnnl_packed *reflux_dnnl_packed_slice(const reflux_dnnl_packed *whole, int first, int n);

/* c [m, n] = a [m, k] . packed, or += with `accumulate`. Rows of a lie side by side, those of c
 * c_stride floats apart; the library is fast only where c_stride is n, and other results go through
 * scratch. Packed matrices may be used by many threads at once. */
int reflux_dnnl_multiply_packed(
    const reflux_dnnl_packed *packed, int m, const void *a, float *c, int64_t c_stride,
    int accumulate);

/* c [m, n] = a [m, k] . b [k, n], or += with `accumulate`; rows of c lie side by side. Element
 * (row, column) of a is at row * a_row + column * a_column, and so on; one stride of each is 1. */
int reflux_dnnl_multiply(
    reflux_dnnl_type type, int m, int n, int k, const void *a, int64_t a_row, int64_t a_column,
    const void *b, int64_t b_row, int64_t b_column, float *c, int accumulate);

#endif
