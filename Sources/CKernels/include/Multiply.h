/* Matrix products with float arithmetic: factors are floats or bf16, sums are floats.
 *
 * bf16 factors are widened in registers or in the first-level cache: half the memory at the full rate
 * of float multiplication. That is the better way wherever the processor's own bf16 products are
 * slower than its float ones, or missing.
 *
 * An element of a result is one chain of fused multiply-adds along the depth, in order, whatever the
 * number of rows: a row's result does not depend on the rows it is computed with. One thread
 * computes; the engine's pool spreads the work. */
#ifndef REFLUX_MULTIPLY_H
#define REFLUX_MULTIPLY_H

#include <stdbool.h>
#include <stddef.h>

/* Whether the processor has the vectors that these products are cut for (AVX-512). They must not be
 * called without; on other architectures than x86 they work, and are slow. */
bool reflux_has_panel_products(void);

/* Columns that lie together: a matrix [depth, columns] is kept as panels of this many columns, each
 * [depth, 32], the last filled up with zeros. */
enum { REFLUX_PANEL = 32 };

/* The bytes of a matrix in panels. */
size_t reflux_panel_bytes(int columns, int depth, int bf16);

/* Fills the panels with the matrix of floats whose element (row, column) is at
 * matrix[row * row_stride + column * column_stride]; one stride is 1. In bf16, elements are rounded as
 * reflux_round_weights rounds them; that of matrix[i] has the index `index` + i. */
void reflux_fill_panels(
    const float *_Nonnull matrix, size_t index, size_t row_stride, size_t column_stride, int depth,
    int columns, void *_Nonnull panels, int bf16);

/* c [rows, columns] = a [rows, depth] . b, or += with `accumulate`; b in panels, of a's type. Rows of
 * a lie side by side, those of c c_stride floats apart. `scratch` has
 * reflux_multiply_scratch() bytes, aligned to 64. */
void reflux_multiply_panels(
    const void *_Nonnull a, int rows, int depth, const void *_Nonnull panels, int columns,
    float *_Nonnull c, size_t c_stride, int accumulate, int bf16, void *_Nonnull scratch);

/* c [m, n] += sum over depth of a's rows [m] times b's rows [n]; rows of a and b lie a_stride and
 * b_stride elements apart, those of c side by side. */
void reflux_add_outer(
    const void *_Nonnull a, size_t a_stride, const void *_Nonnull b, size_t b_stride, int m, int n,
    int depth, float *_Nonnull c, int bf16, void *_Nonnull scratch);

/* The bytes of scratch that any product needs, about 1.1 MB. */
size_t reflux_multiply_scratch(void);

#endif
