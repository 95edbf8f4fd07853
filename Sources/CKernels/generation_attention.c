#include "include/Generation.h"

#include "lanes.h"

/* The cache is read in blocks of 16 tokens: a block's scores are one vector. */
_Static_assert(REFLUX_CACHE_BLOCK == 16, "a block is as long as a vector");

static int padded_width(const reflux_cache_shape *shape) {
    return (shape->head_width + 15) / 16 * 16;
}

static int key_groups(const reflux_cache_shape *shape) { return (shape->head_width + 15) / 16; }

INLINE size_t number_bytes(int numbers) {
    return numbers == REFLUX_CACHE_INT8 ? 1 : numbers == REFLUX_CACHE_BF16 ? 2 : 4;
}

/* Where a tile's scales of keys begin, those of values, and the values. */
INLINE size_t key_scales_offset(const reflux_cache_shape *shape, int numbers) {
    return (size_t)shape->head_width * 16 * number_bytes(numbers);
}

INLINE size_t value_scales_offset(const reflux_cache_shape *shape) {
    return key_scales_offset(shape, REFLUX_CACHE_INT8)
        + (size_t)key_groups(shape) * 16 * sizeof(float);
}

INLINE size_t values_offset(const reflux_cache_shape *shape, int numbers) {
    return numbers == REFLUX_CACHE_INT8 ? value_scales_offset(shape) + 16 * sizeof(float)
                                        : key_scales_offset(shape, numbers);
}

static size_t tile_bytes(const reflux_cache_shape *shape) {
    return values_offset(shape, shape->numbers)
        + (size_t)padded_width(shape) * 16 * number_bytes(shape->numbers);
}

size_t reflux_cache_layer_bytes(const reflux_cache_shape *shape) {
    return tile_bytes(shape) * (size_t)shape->key_value_heads;
}

static int block_count(int tokens) { return (tokens + 15) / 16; }

static int row_blocks(const reflux_cache_row *row) {
    return block_count(row->prompt) + block_count(row->own);
}

/* Tokens of block `block` that the row sees. */
INLINE int visible_tokens(const reflux_cache_row *row, int block) {
    const int prompt_blocks = block_count(row->prompt);
    const int left = block < prompt_blocks ? row->prompt - block * 16
                                           : row->own - (block - prompt_blocks) * 16;
    return left < 16 ? left : 16;
}

/* The tile of a key-value head at a layer of a block. */
INLINE const char *tile(const reflux_cache_shape *shape, const void *block, int layer, int head) {
    const size_t index = (size_t)layer * (size_t)shape->key_value_heads + (size_t)head;
    return (const char *)block + index * tile_bytes(shape);
}

/* The scale of numbers of which the largest is given; NaN when one of them is not finite, which
 * makes `poison` NaN. */
INLINE float scale_for(lanes most, lanes poison) {
    const float size = largest(most);
    return sum_lanes(poison) != 0 ? NAN : size < SMALLEST ? 0 : size / 127;
}

INLINE byte_lanes round_lanes(lanes x, float scale) {
    const float inverse = scale > 0 ? 1 / scale : 0;
    const lanes most = (lanes){} + 127;
    const lanes near = __builtin_elementwise_rint(scale == scale ? x * inverse : (lanes){});
    return __builtin_convertvector(select_lanes(near > most, most, near), byte_lanes);
}

INLINE lanes absolute(lanes x) { return (lanes)((bit_lanes)x & 0x7fffffffu); }

INLINE void store_int8_head(
    const reflux_cache_shape *shape, char *to, int slot, const float *key, const float *value
) {
    const int width = shape->head_width;
    float *key_scales = (float *)(to + key_scales_offset(shape, REFLUX_CACHE_INT8));
    float *value_scales = (float *)(to + value_scales_offset(shape));
    int8_t *keys = (int8_t *)to;
    int8_t *values = (int8_t *)to + values_offset(shape, REFLUX_CACHE_INT8)
        + slot * padded_width(shape);
    lanes most = {}, poison = {};
    for (int i = 0; i < width; i += 16) {
        const lanes part = load_some(key + i, width - i, 0);
        const float scale = scale_for(absolute(part), part * 0);
        const byte_lanes numbers = round_lanes(part, scale);
        for (int j = 0; j < 16 && i + j < width; j++) keys[(i + j) * 16 + slot] = numbers[j];
        key_scales[i + slot] = scale;
        const lanes other = load_some(value + i, width - i, 0);
        most = larger(absolute(other), most);
        poison += other * 0;
    }
    const float scale = scale_for(most, poison);
    for (int i = 0; i < width; i += 16)
        *(byte_lanes_unaligned *)(values + i) =
            round_lanes(load_some(value + i, width - i, 0), scale);
    value_scales[slot] = scale;
}

INLINE void store_head(
    const reflux_cache_shape *shape, char *to, int slot, const float *key, const float *value
) {
    const int width = shape->head_width;
    char *values = to + values_offset(shape, shape->numbers)
        + (size_t)(slot * padded_width(shape)) * number_bytes(shape->numbers);
    if (shape->numbers == REFLUX_CACHE_INT8) {
        store_int8_head(shape, to, slot, key, value);
    } else if (shape->numbers == REFLUX_CACHE_BF16) {
        uint16_t *numbers = (uint16_t *)to, *row = (uint16_t *)values;
        for (int i = 0; i < width; i++) numbers[i * 16 + slot] = round_to_bf16(key[i]);
        for (int i = 0; i < width; i++) row[i] = round_to_bf16(value[i]);
    } else {
        float *numbers = (float *)to;
        for (int i = 0; i < width; i++) numbers[i * 16 + slot] = key[i];
        memcpy(values, value, (size_t)width * sizeof(float));
    }
}

KERNEL
void reflux_cache_store(
    const reflux_cache_shape *shape, int layer, const reflux_cache_row *rows, int count
) {
    for (int r = 0; r < count; r++) {
        const reflux_cache_row *row = rows + r;
        const int last = row_blocks(row) - 1;
        const int slot = visible_tokens(row, last) - 1;
        for (int head = 0; head < shape->key_value_heads; head++) {
            const size_t at = (size_t)head * (size_t)shape->head_width;
            store_head(
                shape, (char *)tile(shape, row->blocks[last], layer, head), slot, row->key + at,
                row->value + at);
        }
    }
}

size_t reflux_cache_scratch(const reflux_cache_shape *shape, int tokens) {
    const size_t group = (size_t)(shape->heads / shape->key_value_heads);
    /* One more block: a prompt and a response may each leave their last block part empty. */
    return group * (size_t)(block_count(tokens) + 1) * 16;
}

/* Sixteen numbers of the cache, the i-th sixteen of a tile. */
INLINE lanes cached(const char *tile, int i, const int numbers) {
    if (numbers == REFLUX_CACHE_FLOAT) return load_lanes((const float *)tile + (size_t)i * 16);
    if (numbers == REFLUX_CACHE_INT8) {
        const byte_lanes bytes = *(const byte_lanes_unaligned *)(tile + (size_t)i * 16);
        return __builtin_convertvector(bytes, lanes);
    }
    const uint16_t *from = (const uint16_t *)tile + (size_t)i * 16;
    const half_lanes halves = *(const half_lanes_unaligned *)from;
    return (lanes)(__builtin_convertvector(halves, bit_lanes) << 16);
}

#define PLACES ((integer_lanes){0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15})

/* One head of one row: everything that its inner loops need. */
typedef struct {
    const reflux_cache_shape *shape;
    const reflux_cache_row *row;
    int layer, head, blocks;
    const char *next; /* the first tile of the job after this one */
    float *scores;    /* [group][blocks * 16] */
    float *out;       /* [heads][head_width] */
} head_job;

/* Scores of `queries` query heads from `first` on: scores = query . key * scale, -inf where
 * unseen. */
INLINE void score(const head_job *job, int first, const int queries, const int numbers) {
    const int width = job->shape->head_width;
    const int group = job->shape->heads / job->shape->key_value_heads;
    const float *query = job->row->query + (size_t)(job->head * group + first) * (size_t)width;
    for (int b = 0; b < job->blocks; b++) {
        const char *keys = tile(job->shape, job->row->blocks[b], job->layer, job->head);
        /* Blocks lie anywhere: the next one's keys and this one's values are asked for early. */
        const char *next = b + 1 < job->blocks
            ? tile(job->shape, job->row->blocks[b + 1], job->layer, job->head) : job->next;
        const char *values = keys + values_offset(job->shape, numbers);
        const size_t pair = 32 * number_bytes(numbers);
        /* Sums of 8-bit numbers become sums of numbers at the end of each group. */
        const int group_width = numbers == REFLUX_CACHE_INT8 ? 16 : width;
        lanes sums[4] = {};
        for (int start = 0; start < width; start += group_width) {
            const int end = width < start + group_width ? width : start + group_width;
            lanes even[4] = {}, odd[4] = {};
            for (int i = start; i < end; i += 2) {
                for (size_t line = 0; line < pair; line += 64) {
                    const size_t at = (size_t)i / 2 * pair + line;
                    if (pair < 64 && at % 64) continue;
                    __builtin_prefetch(next + at, 0, 3);
                    __builtin_prefetch(values + at, 0, 2);
                }
                const lanes a = cached(keys, i, numbers), c = cached(keys, i + 1, numbers);
                for (int g = 0; g < queries; g++) {
                    even[g] += a * query[g * width + i];
                    odd[g] += c * query[g * width + i + 1];
                }
            }
            lanes scale = (lanes){} + 1;
            if (numbers == REFLUX_CACHE_INT8) {
                const size_t at = key_scales_offset(job->shape, numbers)
                    + (size_t)start * sizeof(float);
                scale = load_lanes((const float *)(keys + at));
                __builtin_prefetch(next + at, 0, 3);
            }
            for (int g = 0; g < queries; g++) sums[g] += (even[g] + odd[g]) * scale;
        }
        const integer_lanes seen = PLACES < visible_tokens(job->row, b);
        for (int g = 0; g < queries; g++) {
            float *to = job->scores + ((size_t)(first + g) * (size_t)job->blocks + (size_t)b) * 16;
            const lanes unseen = (lanes){} - INFINITY;
            store_lanes(to, select_lanes(seen, sums[g] * job->shape->scale, unseen));
        }
    }
}

/* Turns the scores of one query head into weights exp(score - largest); returns their sum. */
INLINE float weigh(float *scores, int blocks) {
    lanes top = load_lanes(scores);
    for (int b = 1; b < blocks; b++) top = larger(load_lanes(scores + b * 16), top);
    const float limit = largest(top);
    lanes sum = {};
    for (int b = 0; b < blocks; b++) {
        const lanes weight = exp_lanes(load_lanes(scores + b * 16) - limit);
        store_lanes(scores + b * 16, weight);
        sum += weight;
    }
    return sum_lanes(sum);
}

/* Takes the scales of the values into the weights, which then multiply 8-bit numbers. */
INLINE void scale_weights(const head_job *job, float *weights) {
    for (int b = 0; b < job->blocks; b++) {
        const char *from = tile(job->shape, job->row->blocks[b], job->layer, job->head)
            + value_scales_offset(job->shape);
        const lanes scaled = load_lanes(weights + b * 16) * load_lanes((const float *)from);
        store_lanes(weights + b * 16, scaled);
    }
}

/* Adds one token's values, weighted, to sums [queries][vectors]; a query's weights are `stride`
 * apart from the next one's. */
INLINE void add_values(
    const char *values, int place, const float *weight, int stride, const int queries,
    const int vectors, const int numbers, lanes *sums
) {
    for (int v = 0; v < vectors; v++) {
        const lanes value = cached(values, place + v, numbers);
        for (int g = 0; g < queries; g++) sums[g * vectors + v] += value * weight[g * stride];
    }
}

/* Weighted sums of the values: `vectors` vectors from number `part * 16` of the head on, for
 * `queries` query heads, into `sums` [queries][vectors]. Every other token goes into sums of its
 * own where there are registers for it: an addition need not wait for the one before. */
INLINE void mix(
    const head_job *job, int first, const int queries, int part, const int vectors,
    const int numbers, lanes *sums
) {
    const int ways = queries * vectors <= 4 ? 2 : 1;
    const int row_vectors = padded_width(job->shape) / 16;
    const size_t keys = values_offset(job->shape, numbers);
    lanes partial[2][16] = {};
    for (int b = 0; b < job->blocks; b++) {
        const char *values = tile(job->shape, job->row->blocks[b], job->layer, job->head) + keys;
        const float *weights = job->scores + ((size_t)first * (size_t)job->blocks + (size_t)b) * 16;
        const int seen = visible_tokens(job->row, b);
        const int stride = job->blocks * 16;
        int t = 0;
        for (; t + ways <= seen; t += ways)
            for (int way = 0; way < ways; way++)
                add_values(
                    values, (t + way) * row_vectors + part, weights + t + way, stride, queries,
                    vectors, numbers, partial[way]);
        /* What lies behind the visible tokens may be what an earlier sequence left there. */
        for (; t < seen; t++)
            add_values(
                values, t * row_vectors + part, weights + t, stride, queries, vectors, numbers,
                partial[0]);
    }
    for (int i = 0; i < queries * vectors; i++) {
        sums[i] = partial[0][i];
        for (int way = 1; way < ways; way++) sums[i] += partial[way][i];
    }
}

/* Mixes and writes `vectors` vectors of `queries` query heads. */
INLINE void finish(
    const head_job *job, int first, const int queries, int part, const int vectors,
    const int numbers, const float *inverse
) {
    lanes sums[16];
    mix(job, first, queries, part, vectors, numbers, sums);
    const int width = job->shape->head_width;
    const int group = job->shape->heads / job->shape->key_value_heads;
    float *out = job->out + (size_t)(job->head * group + first) * (size_t)width + part * 16;
    for (int g = 0; g < queries; g++)
        for (int v = 0; v < vectors; v++) {
            const lanes value = sums[g * vectors + v] * inverse[g];
            const int left = width - (part + v) * 16;
            if (left >= 16)
                store_lanes(out + g * width + v * 16, value);
            else
                memcpy(out + g * width + v * 16, &value, (size_t)left * sizeof(float));
        }
}

/* The whole attention of `queries` query heads of a key-value head. */
INLINE void attend(const head_job *job, int first, const int queries, const int numbers) {
    score(job, first, queries, numbers);
    float inverse[4];
    for (int g = 0; g < queries; g++) {
        float *scores = job->scores + (size_t)((first + g) * job->blocks) * 16;
        inverse[g] = 1 / weigh(scores, job->blocks);
        if (numbers == REFLUX_CACHE_INT8) scale_weights(job, scores);
    }
    const int vectors = padded_width(job->shape) / 16;
    int part = 0;
    for (; part + 4 <= vectors; part += 4) finish(job, first, queries, part, 4, numbers, inverse);
    for (; part + 2 <= vectors; part += 2) finish(job, first, queries, part, 2, numbers, inverse);
    for (; part < vectors; part++) finish(job, first, queries, part, 1, numbers, inverse);
}

INLINE void attend_group(const head_job *job, const int numbers) {
    const int group = job->shape->heads / job->shape->key_value_heads;
    int first = 0;
    for (; first + 4 <= group; first += 4) attend(job, first, 4, numbers);
    switch (group - first) {
        case 3: attend(job, first, 3, numbers); break;
        case 2: attend(job, first, 2, numbers); break;
        case 1: attend(job, first, 1, numbers); break;
    }
}

KERNEL
void reflux_cache_attend(
    const reflux_cache_shape *shape, int layer, const reflux_cache_row *rows, int count,
    int first_head, int end_head, float *out, float *scratch
) {
    const size_t stride = (size_t)(shape->heads * shape->head_width);
    for (int head = first_head; head < end_head; head++)
        for (int r = 0; r < count; r++) {
            const int is_last = r + 1 == count;
            const head_job job = {
                shape, rows + r, layer, head, row_blocks(rows + r),
                tile(shape, rows[is_last ? 0 : r + 1].blocks[0], layer,
                     is_last && head + 1 < end_head ? head + 1 : head),
                scratch, out + (size_t)r * stride};
            switch (shape->numbers) {
                case REFLUX_CACHE_INT8: attend_group(&job, REFLUX_CACHE_INT8); break;
                case REFLUX_CACHE_BF16: attend_group(&job, REFLUX_CACHE_BF16); break;
                default: attend_group(&job, REFLUX_CACHE_FLOAT); break;
            }
        }
}
