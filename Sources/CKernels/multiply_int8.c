#include "include/MultiplyInt8.h"

#include "include/Machine.h"
#include "kernel.h"

#if defined(__x86_64__)
#include <immintrin.h>
#define WIDE __attribute__((target("arch=x86-64-v4,avx512vnni"))) WHOLE_VECTORS
#else
#define WIDE
#endif

enum {
    GROUP = 64,
    /* Columns that lie together, in two registers. */
    PANEL = 32,
    /* An instruction takes four depths of 16 columns. */
    STEPS = GROUP / 4,
    STEP = 4 * PANEL,
    /* A group of a panel: numbers, then scales as bf16. */
    BLOCK = STEPS * STEP + 2 * PANEL,
    /* Rows of a tile: 14 x 32 sums are 28 of the 32 registers. */
    TILE = 14,
    /* Rows that stay in the first-level cache, beside a panel. */
    ROWS = 3 * TILE,
};

typedef int32_t integers __attribute__((ext_vector_type(16), aligned(4)));
typedef int8_t signed_bytes __attribute__((ext_vector_type(16), aligned(1)));
typedef uint32_t words __attribute__((ext_vector_type(16), aligned(4)));

bool reflux_has_int8_products(void) { return reflux_has_avx512_vnni(); }

INLINE size_t groups_of(int depth) { return ((size_t)depth + GROUP - 1) / GROUP; }

size_t reflux_int8_column_offset(int column, int depth) {
    return (size_t)column / PANEL * groups_of(depth) * BLOCK;
}

size_t reflux_int8_matrix_bytes(int columns, int depth) {
    return reflux_int8_column_offset(columns + PANEL - 1, depth);
}

/* A rounded row: numbers, then a scale for each group, then what its sums begin with. */
INLINE size_t scales_offset(int depth) { return groups_of(depth) * GROUP; }

size_t reflux_int8_row_bytes(int depth) {
    return scales_offset(depth) + (groups_of(depth) * 8 + 63) / 64 * 64;
}

/* MARK: Rounding */

/* The matrix's numbers are kept as 128 more, since the instruction wants one factor without a sign:
 * the sums of a row's group begin with -128 times the sum of its numbers. */
enum { SHIFT = 128 };

/* The smallest bf16 number that is not below x >= 0. */
INLINE uint16_t bf16_from_above(float x) {
    uint32_t bits;
    memcpy(&bits, &x, 4);
    return (uint16_t)((bits + 0xffff) >> 16);
}

INLINE int rounded(float x, float inverse) {
    float y = rintf(x * inverse);
    return y > 127 ? 127 : y < -127 ? -127 : (int)y;
}

/* One group of one column, `count` numbers `stride` apart. */
INLINE void fill_group(const float *x, size_t stride, int count, int column, uint8_t *block) {
    float largest = 0, poison = 0;
    for (int k = 0; k < count; k++) {
        float size = fabsf(x[(size_t)k * stride]);
        largest = size > largest ? size : largest;
        poison += 0 * size;
    }
    uint16_t scale = largest < SMALLEST ? 0 : bf16_from_above(largest / 127);
    float wide = widen_bf16(scale), inverse = wide > 0 ? 1 / wide : 0;
    for (int k = 0; k < GROUP; k++) {
        int value = k < count && poison == 0 ? rounded(x[(size_t)k * stride], inverse) : 0;
        /* 16 columns are a register: four depths of each lie together. */
        block[k / 4 * STEP + column / 16 * 64 + column % 16 * 4 + k % 4] = (uint8_t)(value + SHIFT);
    }
    /* As in panels of bf16, element i beside element i + 16. */
    uint16_t *scales = (uint16_t *)(block + STEPS * STEP);
    scales[2 * (column % 16) + column / 16] = poison == 0 ? scale : 0x7fc0;
}

KERNEL void reflux_fill_int8_matrix(
    const float *matrix, size_t row_stride, size_t column_stride, int depth, int columns,
    void *out) {
    uint8_t *block = out;
    for (int first = 0; first < columns; first += PANEL) {
        for (int start = 0; start < depth; start += GROUP, block += BLOCK) {
            int count = depth - start < GROUP ? depth - start : GROUP;
            for (int j = 0; j < PANEL; j++) {
                const float *x = matrix + (size_t)start * row_stride
                    + (size_t)(first + j) * column_stride;
                fill_group(x, row_stride, first + j < columns ? count : 0, j, block);
            }
        }
    }
}

/* One group of a row; `count` of its numbers are given, the others 0. */
INLINE void round_group(const float *x, int count, int8_t *out, float *scale, int32_t *start) {
    float held[GROUP], sizes[16];
    if (count < GROUP) {
        memset(held, 0, sizeof held);
        memcpy(held, x, (size_t)count * sizeof(float));
        x = held;
    }
    vector most = 0, poison = 0;
    for (int i = 0; i < GROUP; i += 16) {
        vector part = *(const vector *)(x + i), size = __builtin_elementwise_abs(part);
        most = size > most ? size : most;
        poison += part * 0;
    }
    *(vector *)sizes = most;
    float largest = largest_of(sizes, 16);
    int finite = !__builtin_reduce_or(poison != poison);
    float inverse = finite && largest >= SMALLEST ? 127 / largest : 0;
    integers sums = 0;
    for (int i = 0; i < GROUP; i += 16) {
        vector part = finite ? *(const vector *)(x + i) : (vector)0;
        integers value =
            __builtin_convertvector(__builtin_elementwise_rint(part * inverse), integers);
        *(signed_bytes *)(out + i) = __builtin_convertvector(value, signed_bytes);
        sums += value;
    }
    *scale = finite ? largest / 127 : NAN;
    *start = -SHIFT * __builtin_reduce_add(sums);
}

KERNEL void reflux_round_rows(const float *x, int rows, int depth, void *out) {
    const size_t bytes = reflux_int8_row_bytes(depth), groups = groups_of(depth);
    for (int i = 0; i < rows; i++, x += depth) {
        char *row = (char *)out + (size_t)i * bytes;
        float *scales = (float *)(row + scales_offset(depth));
        int32_t *starts = (int32_t *)(scales + groups);
        for (size_t g = 0; g < groups; g++) {
            int from = (int)g * GROUP, count = depth - from < GROUP ? depth - from : GROUP;
            round_group(x + from, count, (int8_t *)row + from, scales + g, starts + g);
        }
    }
}

/* MARK: Products */

/* sum += the products of four numbers without a sign and four with one, in each of 16 places. */
#if defined(__x86_64__)
#define ADD_PRODUCTS(sum, right, left) \
    ((integers)_mm512_dpbusd_epi32((__m512i)(sum), (__m512i)(right), (__m512i)(left)))
#else
INLINE integers add_products(integers sum, integers right, integers left) {
    uint8_t r[64];
    int8_t l[64];
    memcpy(r, &right, 64);
    memcpy(l, &left, 64);
    for (int i = 0; i < 64; i++) sum[i / 4] += (int32_t)r[i] * l[i];
    return sum;
}
#define ADD_PRODUCTS(sum, right, left) add_products(sum, right, left)
#endif

typedef struct {
    const char *values;
    size_t stride, scales;
    size_t groups;
} row_list;

INLINE int32_t four_of(const char *at) {
    int32_t four;
    memcpy(&four, at, 4);
    return four;
}

/* The sums of one group of some rows and panels, added to `sums`. With `asks`, every step asks for
 * the lines at the same place of what comes `ahead` bytes behind. */
INLINE WIDE void add_group(
    const int rows, const int panels, row_list a, size_t group, const char *b, size_t b_panel,
    const int asks, size_t ahead, vector sums[rows][2 * panels]) {
    integers sum[rows][2 * panels];
    const char *numbers = a.values + group * GROUP, *scales = a.values + a.scales + group * 4;
#pragma unroll
    for (int i = 0; i < rows; i++) {
        integers start = four_of(scales + (size_t)i * a.stride + a.groups * 4);
#pragma unroll
        for (int v = 0; v < 2 * panels; v++) sum[i][v] = start;
    }
#pragma unroll 1
    for (size_t step = 0; step < STEPS; step++) {
        integers right[8];
#pragma unroll
        for (int v = 0; v < 2 * panels; v++) {
            const char *at = b + (size_t)(v / 2) * b_panel + step * STEP + (size_t)(v % 2) * 64;
            right[v] = *(const integers *)at;
            if (asks) __builtin_prefetch(at + ahead, 0, 2);
        }
#pragma unroll
        for (int i = 0; i < rows; i++) {
            integers left = four_of(numbers + (size_t)i * a.stride + step * 4);
#pragma unroll
            for (int v = 0; v < 2 * panels; v++) {
                sum[i][v] = ADD_PRODUCTS(sum[i][v], right[v], left);
            }
        }
    }
#pragma unroll
    for (int p = 0; p < panels; p++) {
        words both = *(const words *)(b + (size_t)p * b_panel + STEPS * STEP);
        vector first = (vector)(both << 16), second = (vector)(both & 0xffff0000u);
#pragma unroll
        for (int i = 0; i < rows; i++) {
            float scale;
            memcpy(&scale, scales + (size_t)i * a.stride, 4);
            /* Never left to the compiler whether it is fused: a row's bits would depend on it. */
            sums[i][2 * p] = __builtin_elementwise_fma(
                __builtin_convertvector(sum[i][2 * p], vector), first * scale, sums[i][2 * p]);
            sums[i][2 * p + 1] = __builtin_elementwise_fma(
                __builtin_convertvector(sum[i][2 * p + 1], vector), second * scale,
                sums[i][2 * p + 1]);
        }
    }
}

/* The first of nearly equal shares of at most `most`. */
INLINE int share(int count, int most) {
    int shares = (count + most - 1) / most;
    return (count + shares - 1) / shares;
}

/* c [rows, 32 panels], its last columns cut off at `columns`. */
INLINE WIDE void tile(
    const int rows, const int panels, row_list a, const char *b, size_t b_panel, const int asks,
    float *c, size_t c_stride, int columns, int accumulate) {
    vector sums[rows][2 * panels];
    memset(sums, 0, sizeof sums);
    const int whole = columns >= PANEL * panels;
    const size_t width = (size_t)columns * sizeof(float);
    for (int i = 0; accumulate && i < rows; i++) {
        const float *from = c + (size_t)i * c_stride;
        if (!whole) memcpy(sums[i], from, width);
        for (int v = 0; whole && v < 2 * panels; v++) sums[i][v] = *(const vector *)(from + 16 * v);
    }
    for (size_t group = 0; group < a.groups; group++) {
        add_group(
            rows, panels, a, group, b + group * BLOCK, b_panel, asks, b_panel, sums);
    }
    for (int i = 0; i < rows; i++) {
        float *to = c + (size_t)i * c_stride;
        if (!whole) memcpy(to, sums[i], width);
        for (int v = 0; whole && v < 2 * panels; v++) *(vector *)(to + 16 * v) = sums[i][v];
    }
}

/* So few rows that four panels fit: their loads and their chains of sums overlap. */
static WIDE void tile_of_fewest(
    int rows, row_list a, const char *b, size_t b_panel, float *c, size_t c_stride,
    int accumulate) {
#define FEWEST(rows) tile(rows, 4, a, b, b_panel, 0, c, c_stride, 4 * PANEL, accumulate)
    if (rows == 1) FEWEST(1);
    else if (rows == 2) FEWEST(2);
    else FEWEST(3);
#undef FEWEST
}

#define CASES(asks)                                                                   \
    switch (rows) {                                                                   \
    case 1: tile(1, 1, a, b, b_panel, asks, c, c_stride, columns, accumulate); break; \
    case 2: tile(2, 1, a, b, b_panel, asks, c, c_stride, columns, accumulate); break; \
    case 3: tile(3, 1, a, b, b_panel, asks, c, c_stride, columns, accumulate); break; \
    case 4: tile(4, 1, a, b, b_panel, asks, c, c_stride, columns, accumulate); break; \
    case 5: tile(5, 1, a, b, b_panel, asks, c, c_stride, columns, accumulate); break; \
    case 6: tile(6, 1, a, b, b_panel, asks, c, c_stride, columns, accumulate); break; \
    case 7: tile(7, 1, a, b, b_panel, asks, c, c_stride, columns, accumulate); break; \
    case 8: tile(8, 1, a, b, b_panel, asks, c, c_stride, columns, accumulate); break; \
    case 9: tile(9, 1, a, b, b_panel, asks, c, c_stride, columns, accumulate); break; \
    case 10: tile(10, 1, a, b, b_panel, asks, c, c_stride, columns, accumulate); break; \
    case 11: tile(11, 1, a, b, b_panel, asks, c, c_stride, columns, accumulate); break; \
    case 12: tile(12, 1, a, b, b_panel, asks, c, c_stride, columns, accumulate); break; \
    case 13: tile(13, 1, a, b, b_panel, asks, c, c_stride, columns, accumulate); break; \
    case 14: tile(14, 1, a, b, b_panel, asks, c, c_stride, columns, accumulate); break; \
    }

/* The first tile of a panel fetches the next panel, which may still be in memory. */
static WIDE void first_tile(
    int rows, row_list a, const char *b, size_t b_panel, float *c, size_t c_stride, int columns,
    int accumulate) {
    CASES(1)
}

static WIDE void later_tile(
    int rows, row_list a, const char *b, size_t b_panel, float *c, size_t c_stride, int columns,
    int accumulate) {
    CASES(0)
}

/* Some rows, so few that they stay in the first-level cache. */
static WIDE void multiply_rows(
    row_list a, int rows, const char *panel, size_t panel_bytes, int columns, float *c,
    size_t c_stride, int accumulate) {
    int first = 0;
    for (; rows <= 3 && first + 4 * PANEL <= columns; first += 4 * PANEL) {
        tile_of_fewest(rows, a, panel, panel_bytes, c + first, c_stride, accumulate);
        panel += 4 * panel_bytes;
    }
    for (; first < columns; first += PANEL, panel += panel_bytes) {
        for (int i = 0; i < rows;) {
            int height = share(rows - i, TILE);
            row_list some = a;
            some.values += (size_t)i * a.stride;
            float *at = c + (size_t)i * c_stride + first;
            if (i == 0) {
                first_tile(
                    height, some, panel, panel_bytes, at, c_stride, columns - first, accumulate);
            } else {
                later_tile(
                    height, some, panel, panel_bytes, at, c_stride, columns - first, accumulate);
            }
            i += height;
        }
    }
}

WIDE void reflux_multiply_int8(
    const void *a, int rows, int depth, const void *b, int columns, float *c, size_t c_stride,
    int accumulate) {
    row_list list = {a, reflux_int8_row_bytes(depth), scales_offset(depth), groups_of(depth)};
    for (int i = 0; i < rows;) {
        int some = share(rows - i, ROWS);
        multiply_rows(
            list, some, b, reflux_int8_column_offset(PANEL, depth), columns,
            c + (size_t)i * c_stride, c_stride, accumulate);
        list.values += (size_t)some * list.stride;
        i += some;
    }
}
