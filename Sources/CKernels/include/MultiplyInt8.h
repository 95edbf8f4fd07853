/* Matrix products of 8-bit integers: a fixed matrix that was rounded once, times rows of floats that
 * are rounded on their way in.
 *
 * Both are cut into groups of 64 along the depth; a group of a column of the matrix, and of a row,
 * has a scale of its own, its largest magnitude over 127. Sums within a group are exact integers;
 * groups are added as floats, in order, so that a row's result does not depend on the rows it is
 * computed with. A matrix takes 8.25 bits a number, and four products take the time of one of floats.
 *
 * One thread computes; the engine's pool spreads the work. */
#ifndef REFLUX_MULTIPLY_INT8_H
#define REFLUX_MULTIPLY_INT8_H

#include <stdbool.h>
#include <stddef.h>

/* Whether the processor has the instructions (AVX512-VNNI). None of the others may be called without;
 * on other architectures than x86 they work, and are slow. */
bool reflux_has_int8_products(void);

/* The bytes of a matrix [depth, columns]. */
size_t reflux_int8_matrix_bytes(int columns, int depth);

/* The bytes from the column 0 to a column that is a multiple of 32: from there on the bytes are those
 * of a matrix of the columns that follow. */
size_t reflux_int8_column_offset(int column, int depth);

/* Rounds the matrix of floats whose element (row, column) is at
 * matrix[row * row_stride + column * column_stride]. `out` is aligned to 64. */
void reflux_fill_int8_matrix(
    const float *_Nonnull matrix, size_t row_stride, size_t column_stride, int depth, int columns,
    void *_Nonnull out);

/* The bytes of a rounded row; rounded rows lie side by side. */
size_t reflux_int8_row_bytes(int depth);

/* Rounds rows [rows, depth]. Numbers that are not finite make their group of the row NaN. `out` is
 * aligned to 64. */
void reflux_round_rows(const float *_Nonnull x, int rows, int depth, void *_Nonnull out);

/* c [rows, columns] = a . b, or += with `accumulate`, of rounded rows and a rounded matrix; rows of c
 * lie c_stride floats apart. */
void reflux_multiply_int8(
    const void *_Nonnull a, int rows, int depth, const void *_Nonnull b, int columns,
    float *_Nonnull c, size_t c_stride, int accumulate);

#endif
