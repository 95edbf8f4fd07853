#include "include/Multiply.h"

#include "include/Machine.h"
#include "kernel.h"

#if defined(__x86_64__)
#define WIDE __attribute__((target("arch=x86-64-v4"))) WHOLE_VECTORS
#else
#define WIDE
#endif

enum {
    PANEL = REFLUX_PANEL,
    /* Rows of a tile: 14 x 32 sums are 28 of the 32 registers. */
    TILE = 14,
    /* Depth of a block: a panel's part and a tile's rows share the first-level cache. */
    DEPTH = 192,
    /* Distance of rows in scratch, not a power of two: rows must not share cache sets. */
    ROW = DEPTH + 16,
    /* Rows of a result's part; few enough that its sums stay in the first-level cache. */
    ROWS = 10 * TILE,
    /* Distance of depths where a tile's rows lie side by side. */
    SIDE = 16,
    /* Floats of rows that are held converted: half of the second-level cache. */
    HELD = 1 << 18,
};

typedef uint32_t words __attribute__((ext_vector_type(16), aligned(4)));
typedef uint16_t halves __attribute__((ext_vector_type(16), aligned(2)));

bool reflux_has_panel_products(void) { return reflux_has_avx512(); }

size_t reflux_panel_bytes(int columns, int depth, int bf16) {
    size_t panels = ((size_t)columns + PANEL - 1) / PANEL;
    return panels * PANEL * (size_t)depth * (bf16 ? 2 : 4);
}

/* A panel's part, a result's part that is cut at the edge, and the rows of a factor. */
size_t reflux_multiply_scratch(void) {
    return sizeof(float) * (DEPTH * PANEL + TILE * PANEL + HELD);
}

/* A row of a bf16 panel: element i beside element i + 16, so that one shift and one mask give
 * both vectors. */
INLINE void put_row(const float *row, void *panel, int bf16) {
    if (!bf16) {
        memcpy(panel, row, PANEL * sizeof(float));
        return;
    }
    uint16_t *to = panel;
    for (int i = 0; i < 16; i++) {
        to[2 * i] = round_to_bf16(row[i]);
        to[2 * i + 1] = round_to_bf16(row[i + 16]);
    }
}

/* The weight at an index, as one of the numbers that the panel holds. */
INLINE float held_weight(float x, size_t index, int bf16) {
    return bf16 ? widen_bf16(dither_to_bf16(x, (uint32_t)index)) : x;
}

INLINE void fill_panel(
    const float *matrix, size_t index, size_t row_stride, size_t column_stride, int depth,
    int count, char *panel, int bf16) {
    const size_t bytes = PANEL * (bf16 ? 2 : 4);
    float rows[16][PANEL];
    memset(rows, 0, sizeof rows);
    for (int first = 0; first < depth; first += 16) {
        int some = depth - first < 16 ? depth - first : 16;
        /* Along the side on which the matrix is dense. */
        if (row_stride == 1) {
            for (int j = 0; j < count; j++) {
                size_t at = (size_t)j * column_stride + (size_t)first;
                for (int k = 0; k < some; k++, at++) {
                    rows[k][j] = held_weight(matrix[at], index + at, bf16);
                }
            }
        } else {
            for (int k = 0; k < some; k++) {
                size_t at = (size_t)(first + k) * row_stride;
                for (int j = 0; j < count; j++, at += column_stride) {
                    rows[k][j] = held_weight(matrix[at], index + at, bf16);
                }
            }
        }
        for (int k = 0; k < some; k++) {
            put_row(rows[k], panel + (size_t)(first + k) * bytes, bf16);
        }
    }
}

KERNEL void reflux_fill_panels(
    const float *matrix, size_t index, size_t row_stride, size_t column_stride, int depth,
    int columns, void *panels, int bf16) {
    const size_t bytes = reflux_panel_bytes(PANEL, depth, bf16);
    for (int first = 0; first < columns; first += PANEL) {
        int count = columns - first < PANEL ? columns - first : PANEL;
        size_t at = (size_t)first * column_stride;
        char *to = (char *)panels + (size_t)(first / PANEL) * bytes;
        if (bf16) {
            fill_panel(matrix + at, index + at, row_stride, column_stride, depth, count, to, 1);
        } else {
            fill_panel(matrix + at, index + at, row_stride, column_stride, depth, count, to, 0);
        }
    }
}

/* c [rows, 32 panels] = or += a . b, out of registers. Element (row, l) of a is at
 * a[row * a_row + l * a_depth]. Rows of a panel of b are 32 elements; panels are `b_panel` elements
 * apart. With `asks`, every step asks for a line of memory that comes next: from `ahead` on, `ahead_step`
 * bytes behind the last. */
INLINE void tile(
    const int rows, const int panels, int depth, const float *a, const size_t a_row,
    const size_t a_depth, const void *b, size_t b_panel, const int bf16, const int asks,
    const char *ahead, size_t ahead_step, float *c, size_t c_stride, int accumulate) {
    _Pragma("clang fp contract(fast)")
    vector sum[rows][2 * panels];
#pragma unroll
    for (int i = 0; i < rows; i++) {
#pragma unroll
        for (int v = 0; v < 2 * panels; v++) {
            sum[i][v] =
                accumulate ? *(const vector *)(c + (size_t)i * c_stride + 16 * v) : (vector)0.0f;
        }
    }
    for (int l = 0; l < depth; l++) {
        vector right[2 * panels];
#pragma unroll
        for (int p = 0; p < panels; p++) {
            size_t at = (size_t)p * b_panel + (size_t)l * PANEL;
            if (bf16) {
                words both = *(const words *)((const uint16_t *)b + at);
                right[2 * p] = (vector)(both << 16);
                right[2 * p + 1] = (vector)(both & 0xffff0000u);
            } else {
                right[2 * p] = *(const vector *)((const float *)b + at);
                right[2 * p + 1] = *(const vector *)((const float *)b + at + 16);
            }
        }
        if (asks) __builtin_prefetch(ahead + (size_t)l * ahead_step, 0, 3);
#pragma unroll
        for (int i = 0; i < rows; i++) {
            vector left = a[(size_t)i * a_row + (size_t)l * a_depth];
#pragma unroll
            for (int v = 0; v < 2 * panels; v++) sum[i][v] += left * right[v];
        }
    }
#pragma unroll
    for (int i = 0; i < rows; i++) {
#pragma unroll
        for (int v = 0; v < 2 * panels; v++) {
            *(vector *)(c + (size_t)i * c_stride + 16 * v) = sum[i][v];
        }
    }
}

#define CASES(rows, ...)                    \
    switch (rows) {                         \
    case 1: tile(1, __VA_ARGS__); break;    \
    case 2: tile(2, __VA_ARGS__); break;    \
    case 3: tile(3, __VA_ARGS__); break;    \
    case 4: tile(4, __VA_ARGS__); break;    \
    case 5: tile(5, __VA_ARGS__); break;    \
    case 6: tile(6, __VA_ARGS__); break;    \
    case 7: tile(7, __VA_ARGS__); break;    \
    case 8: tile(8, __VA_ARGS__); break;    \
    case 9: tile(9, __VA_ARGS__); break;    \
    case 10: tile(10, __VA_ARGS__); break;  \
    case 11: tile(11, __VA_ARGS__); break;  \
    case 12: tile(12, __VA_ARGS__); break;  \
    case 13: tile(13, __VA_ARGS__); break;  \
    case 14: tile(14, __VA_ARGS__); break;  \
    }

/* Rows in scratch, panel of floats. */
static WIDE void tile_of_rows(
    int rows, int depth, const float *a, const float *b, const char *ahead, float *c,
    size_t c_stride, int accumulate) {
    CASES(rows, 1, depth, a, ROW, 1, b, 0, 0, 1, ahead, 64, c, c_stride, accumulate)
}

/* The same with a tile's rows side by side. */
static WIDE void tile_of_sides(
    int rows, int depth, const float *a, const float *b, const char *ahead, size_t ahead_step,
    float *c, size_t c_stride) {
    CASES(rows, 1, depth, a, 1, SIDE, b, 0, 0, 1, ahead, ahead_step, c, c_stride, 1)
}

/* Few rows, panel of bf16. */
static WIDE void tile_of_few(
    int rows, int depth, const float *a, const uint16_t *b, float *c, size_t c_stride,
    int accumulate) {
    CASES(rows, 1, depth, a, ROW, 1, b, 0, 1, 0, NULL, 0, c, c_stride, accumulate)
}

/* So few rows that four panels fit: their loads and their chains of sums overlap. */
static WIDE void tile_of_fewest(
    int rows, int depth, const float *a, const void *b, size_t b_panel, int bf16, float *c,
    size_t c_stride, int accumulate) {
#define FEWEST(rows, bf16) \
    tile(rows, 4, depth, a, ROW, 1, b, b_panel, bf16, 0, NULL, 0, c, c_stride, accumulate)
    if (bf16) {
        if (rows == 1) FEWEST(1, 1);
        else if (rows == 2) FEWEST(2, 1);
        else FEWEST(3, 1);
    } else {
        if (rows == 1) FEWEST(1, 0);
        else if (rows == 2) FEWEST(2, 0);
        else FEWEST(3, 0);
    }
#undef FEWEST
}

/* A part of a panel as floats. */
static WIDE void widen_panel(const uint16_t *panel, int depth, float *out) {
    for (int l = 0; l < depth; l++) {
        words both = *(const words *)(panel + (size_t)l * PANEL);
        *(vector *)(out + (size_t)l * PANEL) = (vector)(both << 16);
        *(vector *)(out + (size_t)l * PANEL + 16) = (vector)(both & 0xffff0000u);
    }
}

/* Rows of the tile that begins at row `first` of `rows`: tiles of nearly equal heights. */
INLINE int tile_height(int first, int rows) {
    int left = rows - first, tiles = (left + TILE - 1) / TILE;
    return (left + tiles - 1) / tiles;
}

/* 16 elements from `first` on as floats. */
INLINE void widen_vector(const void *x, size_t first, const int bf16, float *out) {
    if (bf16) {
        words wide =
            __builtin_convertvector(*(const halves *)((const uint16_t *)x + first), words);
        *(vector *)out = (vector)(wide << 16);
    } else {
        *(vector *)out = *(const vector *)((const float *)x + first);
    }
}

/* `width` elements from `first` on as floats. */
INLINE void widen(const void *x, size_t first, int width, const int bf16, float *out) {
    int i = 0;
    for (; i + 16 <= width; i += 16) {
        widen_vector(x, first + (size_t)i, bf16, out + i);
    }
    for (; i < width; i++) out[i] = get(x, first + (size_t)i, bf16);
}

/* Rows of a factor, `depth` elements of each from `start` on, to scratch. */
INLINE void take_rows(
    const void *a, int rows, int depth, int start, int part, const int bf16, float *out) {
    for (int i = 0; i < rows; i++) {
        widen(a, (size_t)i * (size_t)depth + (size_t)start, part, bf16, out + (size_t)i * ROW);
    }
}

/* `width` columns of `depth` rows to a panel of floats; what lies beyond stays as it is. */
INLINE void take_panel(
    const void *b, size_t b_stride, size_t first, int width, int depth, const int bf16,
    float *out) {
    for (int l = 0; l < depth; l++, first += b_stride, out += PANEL) {
        if (width >= PANEL) {
            widen_vector(b, first, bf16, out);
            widen_vector(b, first + 16, bf16, out + 16);
        } else {
            widen(b, first, width, bf16, out);
        }
    }
}

/* Columns of a, `m` of them from `first` on, to tiles [depth, 16], as many as they need. Where the
 * matrix goes on behind them (`more`: there are further rows), 16 columns are read at a time. */
INLINE void take_sides(
    const void *a, size_t a_stride, size_t first, int m, int depth, int more, const int bf16,
    float *out) {
    for (int i = 0; i < m;) {
        int height = tile_height(i, m);
        size_t at = first + (size_t)i;
        for (int l = 0; l < depth; l++, at += a_stride, out += SIDE) {
            if (a_stride >= SIDE && (more || l + 1 < depth)) {
                widen_vector(a, at, bf16, out);
            } else {
                widen(a, at, height, bf16, out);
            }
        }
        i += height;
    }
}

/* A result's tile that may be cut at the right edge goes through `edge`. */
typedef struct {
    float *at;
    size_t stride;
} target;

INLINE target begin_tile(
    float *c, size_t c_stride, int rows, int columns, int accumulate, float *edge) {
    if (columns >= PANEL) return (target){c, c_stride};
    if (accumulate) {
        for (int i = 0; i < rows; i++) {
            memcpy(edge + i * PANEL, c + (size_t)i * c_stride, (size_t)columns * sizeof(float));
        }
    }
    return (target){edge, PANEL};
}

INLINE void end_tile(
    target t, float *c, size_t c_stride, int rows, int columns, const float *edge) {
    if (t.at != edge) return;
    for (int i = 0; i < rows; i++) {
        memcpy(c + (size_t)i * c_stride, edge + i * PANEL, (size_t)columns * sizeof(float));
    }
}

typedef struct {
    float *panel, *edge, *rows;
} scratch_parts;

INLINE scratch_parts cut_scratch(void *scratch) {
    float *panel = scratch;
    return (scratch_parts){
        panel, panel + DEPTH * PANEL, panel + DEPTH * PANEL + TILE * PANEL};
}

/* The sums of one panel over `part` depths, of rows that lie in scratch at `a`. */
INLINE void multiply_panel(
    scratch_parts s, const float *a, int rows, int part, const char *panel, float *c,
    size_t c_stride, int columns, int accumulate, const int bf16) {
    int few = bf16 && rows <= TILE;
    if (bf16 && !few) widen_panel((const uint16_t *)panel, part, s.panel);
    const float *wide = bf16 ? s.panel : (const float *)panel;
    /* What comes next lies behind, in the same panel or as the beginning of the next. */
    const char *ahead = panel + (size_t)part * PANEL * (bf16 ? 2 : 4);
    for (int i = 0; i < rows;) {
        int height = tile_height(i, rows);
        float *at = c + (size_t)i * c_stride;
        target t = begin_tile(at, c_stride, height, columns, accumulate, s.edge);
        if (few) {
            tile_of_few(height, part, a, (const uint16_t *)panel, t.at, t.stride, accumulate);
        } else {
            tile_of_rows(
                height, part, a + (size_t)i * ROW, wide, ahead, t.at, t.stride, accumulate);
        }
        end_tile(t, at, c_stride, height, columns, s.edge);
        /* A step of floats has two lines: the second tile asks for the second half. */
        ahead = !bf16 && i == 0 ? ahead + (size_t)part * 64 : (const char *)wide;
        i += height;
    }
}

/* The sums over `depth` depths, of rows that lie in scratch; panels are `panel_bytes` apart. */
INLINE void multiply_rows(
    scratch_parts s, int rows, int depth, const char *panels, size_t panel_bytes, int columns,
    float *c, size_t c_stride, int accumulate, const int bf16) {
    const size_t width = bf16 ? 2 : 4, line = PANEL * width, block = (size_t)rows * ROW;
    int first = 0;
    for (; rows <= 3 && first + 4 * PANEL <= columns; first += 4 * PANEL) {
        const char *panel = panels + (size_t)(first / PANEL) * panel_bytes;
        for (int start = 0; start < depth; start += DEPTH) {
            int part = depth - start < DEPTH ? depth - start : DEPTH;
            tile_of_fewest(
                rows, part, s.rows + (size_t)(start / DEPTH) * block,
                panel + (size_t)start * line, panel_bytes / width, bf16, c + first, c_stride,
                accumulate || start > 0);
        }
    }
    for (; first < columns; first += PANEL) {
        const char *panel = panels + (size_t)(first / PANEL) * panel_bytes;
        for (int start = 0; start < depth; start += DEPTH) {
            int part = depth - start < DEPTH ? depth - start : DEPTH;
            multiply_panel(
                s, s.rows + (size_t)(start / DEPTH) * block, rows, part,
                panel + (size_t)start * line, c + first, c_stride, columns - first,
                accumulate || start > 0, bf16);
        }
    }
}

INLINE void multiply_panels(
    const void *a, int rows, int depth, const char *panels, int columns, float *c, size_t c_stride,
    int accumulate, const int bf16, void *scratch) {
    const size_t bytes = reflux_panel_bytes(PANEL, depth, bf16), line = PANEL * (bf16 ? 2 : 4);
    scratch_parts s = cut_scratch(scratch);
    int parts = (rows + ROWS - 1) / ROWS, most = parts > 0 ? (rows + parts - 1) / parts : 0;
    for (int first = 0; first < rows; first += most) {
        int some = rows - first < most ? rows - first : most;
        int held = HELD / (some * ROW) * DEPTH;
        const void *from = const_element(a, (size_t)first * (size_t)depth, bf16);
        for (int start = 0; start < depth; start += held) {
            int deep = depth - start < held ? depth - start : held;
            for (int l = 0; l < deep; l += DEPTH) {
                int part = deep - l < DEPTH ? deep - l : DEPTH;
                take_rows(
                    from, some, depth, start + l, part, bf16,
                    s.rows + (size_t)(l / DEPTH) * (size_t)some * ROW);
            }
            multiply_rows(
                s, some, deep, panels + (size_t)start * line, bytes, columns,
                c + (size_t)first * c_stride, c_stride, accumulate || start > 0, bf16);
        }
    }
}

WIDE void reflux_multiply_panels(
    const void *a, int rows, int depth, const void *panels, int columns, float *c, size_t c_stride,
    int accumulate, int bf16, void *scratch) {
    if (bf16) {
        multiply_panels(a, rows, depth, panels, columns, c, c_stride, accumulate, 1, scratch);
    } else {
        multiply_panels(a, rows, depth, panels, columns, c, c_stride, accumulate, 0, scratch);
    }
}

/* The sums over one block of depths, for columns of a that lie in scratch. */
static WIDE void outer_panel(
    scratch_parts s, int m, int depth, const char *ahead, size_t ahead_step, float *c,
    size_t c_stride, int columns) {
    const float *side = s.rows;
    for (int i = 0; i < m;) {
        int height = tile_height(i, m);
        float *at = c + (size_t)i * c_stride;
        target t = begin_tile(at, c_stride, height, columns, 1, s.edge);
        tile_of_sides(height, depth, side, s.panel, ahead, ahead_step, t.at, t.stride);
        ahead = (const char *)s.panel;
        ahead_step = 64;
        end_tile(t, at, c_stride, height, columns, s.edge);
        side += (size_t)depth * SIDE;
        i += height;
    }
}

INLINE void add_outer(
    const void *a, size_t a_stride, const void *b, size_t b_stride, int m, int n, int depth,
    float *c, const int bf16, void *scratch) {
    scratch_parts s = cut_scratch(scratch);
    for (int top = 0; top < m; top += ROWS) {
        int some = m - top < ROWS ? m - top : ROWS;
        for (int start = 0; start < depth; start += DEPTH) {
            int part = depth - start < DEPTH ? depth - start : DEPTH;
            take_sides(
                a, a_stride, (size_t)start * a_stride + (size_t)top, some, part,
                start + part < depth, bf16, s.rows);
            for (int first = 0; first < n; first += PANEL) {
                take_panel(
                    b, b_stride, (size_t)start * b_stride + (size_t)first, n - first, part, bf16,
                    s.panel);
                const void *next =
                    const_element(b, (size_t)start * b_stride + (size_t)first + PANEL, bf16);
                outer_panel(
                    s, some, part, first + PANEL < n ? next : b, b_stride * (bf16 ? 2 : 4),
                    c + (size_t)top * (size_t)n + first, (size_t)n, n - first);
            }
        }
    }
}

WIDE void reflux_add_outer(
    const void *a, size_t a_stride, const void *b, size_t b_stride, int m, int n, int depth,
    float *c, int bf16, void *scratch) {
    if (bf16) {
        add_outer(a, a_stride, b, b_stride, m, n, depth, c, 1, scratch);
    } else {
        add_outer(a, a_stride, b, b_stride, m, n, depth, c, 0, scratch);
    }
}
