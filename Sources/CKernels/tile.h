/* Small matrix products out of registers, for attention: C [m, n] (+)= A [m, k] . B [k, n].
 *
 * Element (i, l) of A is at a[i * a_row + l * a_column], so A may be read transposed; B and C are
 * row-major and n is a multiple of 16. */
#ifndef REFLUX_TILE_H
#define REFLUX_TILE_H

#include "kernel.h"

INLINE void tile(
    const int rows, const int vectors, int k, const float *a, size_t a_row, size_t a_column,
    const float *b, size_t b_stride, float *c, size_t c_stride, int accumulate) {
    vector sum[6][2];
    for (int i = 0; i < rows; i++) {
        for (int v = 0; v < vectors; v++) {
            sum[i][v] = accumulate ? *(const vector *)(c + (size_t)i * c_stride + 16 * v)
                                   : (vector){0};
        }
    }
    for (int l = 0; l < k; l++) {
        vector right[2];
        for (int v = 0; v < vectors; v++) {
            right[v] = *(const vector *)(b + (size_t)l * b_stride + 16 * v);
        }
        for (int i = 0; i < rows; i++) {
            float left = a[(size_t)i * a_row + (size_t)l * a_column];
            for (int v = 0; v < vectors; v++) sum[i][v] += left * right[v];
        }
    }
    for (int i = 0; i < rows; i++) {
        for (int v = 0; v < vectors; v++) {
            *(vector *)(c + (size_t)i * c_stride + 16 * v) = sum[i][v];
        }
    }
}

INLINE void tile_rows(
    const int vectors, int m, int k, const float *a, size_t a_row, size_t a_column, const float *b,
    size_t b_stride, float *c, size_t c_stride, int accumulate) {
    int i = 0;
    for (; i + 6 <= m; i += 6) {
        tile(6, vectors, k, a + (size_t)i * a_row, a_row, a_column, b, b_stride,
             c + (size_t)i * c_stride, c_stride, accumulate);
    }
    a += (size_t)i * a_row;
    c += (size_t)i * c_stride;
#define REST(rows) \
    case rows:     \
        tile(rows, vectors, k, a, a_row, a_column, b, b_stride, c, c_stride, accumulate); \
        break
    switch (m - i) {
        REST(1);
        REST(2);
        REST(3);
        REST(4);
        REST(5);
    }
#undef REST
}

INLINE void multiply_small(
    int m, int n, int k, const float *a, size_t a_row, size_t a_column, const float *b,
    size_t b_stride, float *c, size_t c_stride, int accumulate) {
    int j = 0;
    for (; j + 32 <= n; j += 32) {
        tile_rows(2, m, k, a, a_row, a_column, b + j, b_stride, c + j, c_stride, accumulate);
    }
    if (j < n) {
        tile_rows(1, m, k, a, a_row, a_column, b + j, b_stride, c + j, c_stride, accumulate);
    }
}

#endif
