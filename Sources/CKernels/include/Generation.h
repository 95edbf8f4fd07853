/* Generation: attention over a cache of keys and values, and drawing tokens from logits.
 *
 * The cache lies in blocks of REFLUX_CACHE_BLOCK tokens. A block holds, for every layer and every
 * key-value head, a tile of keys `[head_width][REFLUX_CACHE_BLOCK]` (one token a column, so that
 * the scores of a whole block are sums of vectors) followed by a tile of values
 * `[REFLUX_CACHE_BLOCK][head_width rounded up to 16]` (one token a row). Blocks must be zeroed
 * before their first use.
 *
 * 8-bit numbers have scales (floats), which lie between the two: of each token's keys one for 16
 * numbers, `[head_width / 16, rounded up][REFLUX_CACHE_BLOCK]`, since a few numbers of a key can be
 * far larger than the others; of its values one, `[REFLUX_CACHE_BLOCK]`. */
#ifndef REFLUX_GENERATION_H
#define REFLUX_GENERATION_H

#include <stddef.h>
#include <stdint.h>

/* Tokens in a block of the cache. */
enum { REFLUX_CACHE_BLOCK = 16 };

/* What the cache holds. */
enum { REFLUX_CACHE_FLOAT = 0, REFLUX_CACHE_BF16 = 1, REFLUX_CACHE_INT8 = 2 };

/* What is the same for all tokens of a step. */
typedef struct reflux_cache_shape {
    int heads;            /* query heads, a multiple of the next */
    int key_value_heads;
    int head_width;       /* even */
    int numbers;          /* REFLUX_CACHE_FLOAT, _BF16 or _INT8 */
    float scale;          /* multiplies the scores, usually 1 / sqrt(head_width) */
} reflux_cache_shape;

/* One token that looks back at the visible tokens of its sequence, itself the last of them. */
typedef struct reflux_cache_row {
    const float *query;   /* [heads, head_width] */
    const float *key;     /* [key_value_heads, head_width], goes to the token's place */
    const float *value;   /* the same shape */
    void *const *blocks;  /* ceil(prompt / block) blocks of the prompt, then the sequence's own */
    int prompt;           /* visible tokens in the prompt's blocks */
    int own;              /* visible tokens in the sequence's own blocks; prompt + own >= 1 */
} reflux_cache_row;

/* Bytes that one layer takes in a block; a block of L layers is L times as long. */
size_t reflux_cache_layer_bytes(const reflux_cache_shape *shape);

/* Writes the keys and values of the rows to their places at a layer. */
void reflux_cache_store(
    const reflux_cache_shape *shape, int layer, const reflux_cache_row *rows, int count);

/* Floats of scratch that reflux_cache_attend needs for rows that see at most `tokens` tokens. */
size_t reflux_cache_scratch(const reflux_cache_shape *shape, int tokens);

/* out = softmax(query keys' scale) values of the rows at a layer, for the query heads of the
 * key-value heads first_head ..< end_head; row r is [heads, head_width] at out + r * heads *
 * head_width. Rows of one prompt should be neighbours: they find its keys in the caches of the
 * processor. What is written for a row depends on that row alone. */
void reflux_cache_attend(
    const reflux_cache_shape *shape, int layer, const reflux_cache_row *rows, int count,
    int first_head, int end_head, float *out, float *scratch);

/* One token to draw. */
typedef struct reflux_draw {
    const float *logits;     /* [vocabulary] */
    double uniform;          /* in 0 ..< 1 */
    float temperature;       /* up to 1e-6: the largest logit, the lowest id among equals */
    float top_p;             /* 1 keeps all */
    float min_p;             /* 0 keeps all */
    int top_k;               /* 0 keeps all */
    int token;               /* out: the token, or -1 if a logit is NaN or positively infinite */
    float log_probability;   /* out: log softmax(logits)[token], temperature 1, no filter */
} reflux_draw;

/* Bytes of scratch that reflux_draw_tokens needs. */
size_t reflux_draw_scratch(int vocabulary);

/* Draws tokens. The logits are divided by the temperature; top-k keeps the k largest, then top-p
 * the fewest of the largest whose probabilities sum to at least p of what top-k left, then min-p
 * those with at least that fraction of the largest probability; among equal logits the lower id
 * comes first. (The order of the filters is that of transformers' `generate`; vLLM takes min-p
 * before top-k and top-p.) The token is the first, in the order of ids, at which the sum of the
 * kept probabilities exceeds `uniform`. What is drawn depends on the fields of that draw alone. */
void reflux_draw_tokens(reflux_draw *draws, int count, int vocabulary, void *scratch);

#endif
