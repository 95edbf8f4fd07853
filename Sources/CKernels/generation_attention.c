#include "include/Generation.h"

#include "lanes.h"

/* The cache is read in blocks of 16 tokens: a block's scores are one vector. */
_Static_assert(REFLUX_CACHE_BLOCK == 16, "a block is as long as a vector");

static int padded_width(const reflux_cache_shape *shape) {
    return (shape->head_width + 15) / 16 * 16;
}

static size_t head_numbers(const reflux_cache_shape *shape) {
    return (size_t)REFLUX_CACHE_BLOCK * (size_t)(shape->head_width + padded_width(shape));
}

static size_t number_bytes(int bf16) { return bf16 ? sizeof(uint16_t) : sizeof(float); }

size_t reflux_cache_layer_bytes(const reflux_cache_shape *shape) {
    return head_numbers(shape) * (size_t)shape->key_value_heads * number_bytes(shape->bf16);
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
    return (const char *)block + index * head_numbers(shape) * number_bytes(shape->bf16);
}

INLINE void store_head(
    const reflux_cache_shape *shape, char *to, int slot, const float *key, const float *value
) {
    const int width = shape->head_width;
    const size_t keys = (size_t)width * 16;
    const size_t first = keys + (size_t)(slot * padded_width(shape));
    if (shape->bf16) {
        uint16_t *numbers = (uint16_t *)to;
        for (int i = 0; i < width; i++) numbers[i * 16 + slot] = round_to_bf16(key[i]);
        for (int i = 0; i < width; i++) numbers[first + (size_t)i] = round_to_bf16(value[i]);
    } else {
        float *numbers = (float *)to;
        for (int i = 0; i < width; i++) numbers[i * 16 + slot] = key[i];
        memcpy(numbers + first, value, (size_t)width * sizeof(float));
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
INLINE lanes cached(const char *tile, int i, const int bf16) {
    if (!bf16) return load_lanes((const float *)tile + (size_t)i * 16);
    const uint16_t *from = (const uint16_t *)tile + (size_t)i * 16;
    const half_lanes halves = *(const half_lanes_unaligned *)from;
    return (lanes)(__builtin_convertvector(halves, bit_lanes) << 16);
}

/* One head of one row: everything that its inner loops need. */
typedef struct {
    const reflux_cache_shape *shape;
    const reflux_cache_row *row;
    int layer, head, blocks;
    float *scores;  /* [group][blocks * 16] */
    float *out;     /* [heads][head_width] */
} head_job;

/* Scores of `queries` query heads from `first` on: scores = query . key * scale, -inf where
 * unseen. */
INLINE void score(const head_job *job, int first, const int queries, const int bf16) {
    const int width = job->shape->head_width;
    const int group = job->shape->heads / job->shape->key_value_heads;
    const float *query = job->row->query + (size_t)(job->head * group + first) * (size_t)width;
    const integer_lanes places = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
    for (int b = 0; b < job->blocks; b++) {
        const char *keys = tile(job->shape, job->row->blocks[b], job->layer, job->head);
        /* Blocks lie anywhere: the next one's keys and this one's values are asked for early. */
        const char *next = b + 1 < job->blocks
            ? tile(job->shape, job->row->blocks[b + 1], job->layer, job->head) : keys;
        const char *values = keys + (size_t)width * 16 * number_bytes(bf16);
        const size_t pair = 32 * number_bytes(bf16);
        lanes even[4] = {}, odd[4] = {};
        for (int i = 0; i < width; i += 2) {
            for (size_t line = 0; line < pair; line += 64) {
                const size_t at = (size_t)i / 2 * pair + line;
                __builtin_prefetch(next + at, 0, 3);
                __builtin_prefetch(values + at, 0, 2);
            }
            const lanes a = cached(keys, i, bf16), c = cached(keys, i + 1, bf16);
            for (int g = 0; g < queries; g++) {
                even[g] += a * query[g * width + i];
                odd[g] += c * query[g * width + i + 1];
            }
        }
        const integer_lanes seen = places < visible_tokens(job->row, b);
        for (int g = 0; g < queries; g++) {
            float *to = job->scores + ((size_t)(first + g) * (size_t)job->blocks + (size_t)b) * 16;
            const lanes unseen = (lanes){} - INFINITY;
            store_lanes(to, select_lanes(seen, (even[g] + odd[g]) * job->shape->scale, unseen));
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

/* Weighted sums of the values: `vectors` vectors from number `part * 16` of the head on, for
 * `queries` query heads, into `sums` [queries][vectors]. Every other token goes into sums of its
 * own where there are registers for it: an addition need not wait for the one before. What lies
 * beyond the visible tokens has weight 0. */
INLINE void mix(
    const head_job *job, int first, const int queries, int part, const int vectors, const int bf16,
    lanes *sums
) {
    const int ways = queries * vectors <= 4 ? 2 : 1;
    const int row_vectors = padded_width(job->shape) / 16;
    const size_t keys = (size_t)job->shape->head_width * 16 * number_bytes(bf16);
    lanes partial[2][16] = {};
    for (int b = 0; b < job->blocks; b++) {
        const char *values = tile(job->shape, job->row->blocks[b], job->layer, job->head) + keys;
        const float *weights = job->scores + ((size_t)first * (size_t)job->blocks + (size_t)b) * 16;
        const int seen = visible_tokens(job->row, b);
        for (int t = 0; t < seen; t += ways)
            for (int way = 0; way < ways; way++)
                for (int v = 0; v < vectors; v++) {
                    const lanes value = cached(values, (t + way) * row_vectors + part + v, bf16);
                    for (int g = 0; g < queries; g++)
                        partial[way][g * vectors + v] +=
                            value * weights[g * job->blocks * 16 + t + way];
                }
    }
    for (int i = 0; i < queries * vectors; i++) {
        sums[i] = partial[0][i];
        for (int way = 1; way < ways; way++) sums[i] += partial[way][i];
    }
}

/* Mixes and writes `vectors` vectors of `queries` query heads. */
INLINE void finish(
    const head_job *job, int first, const int queries, int part, const int vectors, const int bf16,
    const float *inverse
) {
    lanes sums[16];
    mix(job, first, queries, part, vectors, bf16, sums);
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
INLINE void attend(const head_job *job, int first, const int queries, const int bf16) {
    score(job, first, queries, bf16);
    float inverse[4];
    for (int g = 0; g < queries; g++)
        inverse[g] = 1 / weigh(job->scores + (size_t)((first + g) * job->blocks) * 16, job->blocks);
    const int vectors = padded_width(job->shape) / 16;
    int part = 0;
    for (; part + 4 <= vectors; part += 4) finish(job, first, queries, part, 4, bf16, inverse);
    for (; part + 2 <= vectors; part += 2) finish(job, first, queries, part, 2, bf16, inverse);
    for (; part < vectors; part++) finish(job, first, queries, part, 1, bf16, inverse);
}

INLINE void attend_group(const head_job *job, const int bf16) {
    const int group = job->shape->heads / job->shape->key_value_heads;
    int first = 0;
    for (; first + 4 <= group; first += 4) attend(job, first, 4, bf16);
    switch (group - first) {
        case 3: attend(job, first, 3, bf16); break;
        case 2: attend(job, first, 2, bf16); break;
        case 1: attend(job, first, 1, bf16); break;
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
            const head_job job = {
                shape, rows + r, layer, head, row_blocks(rows + r), scratch,
                out + (size_t)r * stride};
            if (shape->bf16)
                attend_group(&job, 1);
            else
                attend_group(&job, 0);
        }
}
