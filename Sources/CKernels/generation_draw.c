#include "include/Generation.h"

#include "lanes.h"

/* Logits are read in pieces of 256. The sums of the pieces let a draw go straight to the piece
 * that holds its token; their maxima let a filter skip what cannot pass it. */
enum { PIECE = 256 };

typedef struct {
    float logit;
    float weight;  /* exp((logit - largest) / temperature) */
    int id;
} candidate;

typedef struct {
    double *sums;          /* [pieces] of tempered weights */
    float *maxima;         /* [pieces] */
    candidate *ordered;    /* [vocabulary], by id */
    candidate *selecting;  /* [vocabulary], a copy in any order */
} draw_memory;

static int piece_count(int vocabulary) { return (vocabulary + PIECE - 1) / PIECE; }

size_t reflux_draw_scratch(int vocabulary) {
    const size_t pieces = (size_t)piece_count(vocabulary);
    return pieces * (sizeof(double) + sizeof(float)) + sizeof(double)
        + 2 * sizeof(candidate) * (size_t)vocabulary;
}

static draw_memory divide(void *scratch, int vocabulary) {
    const size_t pieces = (size_t)piece_count(vocabulary);
    draw_memory memory;
    memory.sums = scratch;
    memory.maxima = (float *)(memory.sums + pieces);
    memory.ordered = (candidate *)(memory.maxima + (pieces + 1) / 2 * 2);
    memory.selecting = memory.ordered + vocabulary;
    return memory;
}

INLINE int piece_length(int piece, int vocabulary) {
    const int left = vocabulary - piece * PIECE;
    return left < PIECE ? left : PIECE;
}

/* Fills in the maxima and returns the largest of them; NaN if a logit is NaN or +inf. */
INLINE float find_maxima(const float *logits, int vocabulary, float *maxima) {
    float top = -INFINITY;
    integer_lanes sound = (integer_lanes){} - 1;
    for (int piece = 0; piece < piece_count(vocabulary); piece++) {
        const int length = piece_length(piece, vocabulary);
        const float *from = logits + piece * PIECE;
        lanes best = (lanes){} - INFINITY;
        for (int i = 0; i < length; i += 16) {
            const lanes x = load_some(from + i, length - i, -INFINITY);
            sound &= x < INFINITY;
            best = larger(x, best);
        }
        maxima[piece] = largest(best);
        if (maxima[piece] > top) top = maxima[piece];
    }
    for (int i = 0; i < 16; i++)
        if (!sound[i]) return NAN;
    return top > -INFINITY ? top : NAN;
}

/* The sum of exp((logit - top) * inverse), and the sum of every piece unless `sums` is NULL. */
INLINE double sum_weights(
    const float *logits, int vocabulary, float top, float inverse, double *sums
) {
    double total = 0;
    for (int piece = 0; piece < piece_count(vocabulary); piece++) {
        const int length = piece_length(piece, vocabulary);
        const float *from = logits + piece * PIECE;
        lanes sum = {};
        for (int i = 0; i < length; i += 16)
            sum += exp_lanes((load_some(from + i, length - i, -INFINITY) - top) * inverse);
        const double part = sum_lanes(sum);
        if (sums) sums[piece] = part;
        total += part;
    }
    return total;
}

static int first_equal(const float *logits, int vocabulary, const float *maxima, float top) {
    int piece = 0;
    while (maxima[piece] != top) piece++;
    int i = piece * PIECE;
    while (i < vocabulary && logits[i] != top) i++;
    return i;
}

/* The first id at which the running sum of weights exceeds `target`. Rounding may leave the
 * target just above the sum of everything: then it is the last id with a weight. */
INLINE int draw_unfiltered(
    const float *logits, int vocabulary, float top, float inverse, const double *sums, double target
) {
    const int pieces = piece_count(vocabulary);
    int piece = 0, last = 0;
    for (; piece < pieces; piece++) {
        if (sums[piece] > 0) last = piece;
        if (sums[piece] > target) break;
        target -= sums[piece];
    }
    if (piece == pieces) piece = last;
    const int length = piece_length(piece, vocabulary);
    const float *from = logits + piece * PIECE;
    int token = piece * PIECE;
    for (int i = 0; i < length; i += 16) {
        float weights[16];
        const lanes x = load_some(from + i, length - i, -INFINITY);
        store_lanes(weights, exp_lanes((x - top) * inverse));
        for (int j = 0; j < 16; j++) {
            if (weights[j] > 0) token = piece * PIECE + i + j;
            if (weights[j] > target) return token;
            target -= weights[j];
        }
    }
    return token;
}

static int precedes(const candidate *a, const candidate *b) {
    return a->logit > b->logit || (a->logit == b->logit && a->id < b->id);
}

static void exchange(candidate *a, candidate *b) {
    const candidate kept = *a;
    *a = *b;
    *b = kept;
}

/* Moves a middle one of three to `high - 1`, what precedes it before it; returns its place. */
static int partition(candidate *items, int low, int high) {
    candidate *a = items + low, *b = items + (low + high) / 2, *c = items + high - 1;
    if (precedes(b, a)) exchange(a, b);
    if (precedes(c, a)) exchange(a, c);
    if (precedes(b, c)) exchange(b, c);
    int place = low;
    for (int i = low; i < high - 1; i++)
        if (precedes(items + i, c)) exchange(items + i, items + place++);
    exchange(items + place, c);
    return place;
}

/* Selection by measure (Hoare's "Find", CACM 4(7), 1961): reorders the items so that the
 * shortest prefix of their order whose measure reaches `target` comes first, and returns its
 * length; all of them if none reaches it. The measure counts the items, or sums their weights. */
static int select_prefix(candidate *items, int count, double target, int weighted) {
    int low = 0, high = count;
    double before = 0;
    while (high - low > 1) {
        const int place = partition(items, low, high);
        double measure = 0;
        for (int i = low; i < place; i++) measure += weighted ? items[i].weight : 1;
        if (place > low && before + measure >= target) {
            high = place;
            continue;
        }
        before += measure + (weighted ? items[place].weight : 1);
        if (before >= target) return place + 1;
        low = place + 1;
    }
    return high > low ? low + 1 : low;
}

/* Collects, in the order of ids, the candidates whose tempered logit is at least `bound` below
 * the largest; returns how many. */
INLINE int collect(
    const float *logits, int vocabulary, float top, float inverse, float bound,
    const draw_memory *memory
) {
    candidate *to = memory->ordered;
    int count = 0;
    for (int piece = 0; piece < piece_count(vocabulary); piece++) {
        if (!((memory->maxima[piece] - top) * inverse >= bound)) continue;
        const int end = piece * PIECE + piece_length(piece, vocabulary);
        for (int id = piece * PIECE; id < end; id++) {
            to[count].logit = logits[id];
            to[count].id = id;
            count += (logits[id] - top) * inverse >= bound;
        }
    }
    for (int i = 0; i < count; i += 16) {
        float x[16];
        const int some = count - i < 16 ? count - i : 16;
        for (int j = 0; j < 16; j++) x[j] = j < some ? (to[i + j].logit - top) * inverse : 0;
        store_lanes(x, exp_lanes(load_lanes(x)));
        for (int j = 0; j < some; j++) to[i + j].weight = x[j];
    }
    return count;
}

static double weight_of(const candidate *items, int count) {
    double sum = 0;
    for (int i = 0; i < count; i++) sum += items[i].weight;
    return sum;
}

/* The last of the candidates that top-k and top-p keep, or 0 if deciding that needs more
 * candidates than the `count` collected of `total` weight in all. */
static const candidate *last_kept(
    const reflux_draw *draw, int count, int complete, double total, const draw_memory *memory
) {
    candidate *items = memory->selecting;
    memcpy(items, memory->ordered, (size_t)count * sizeof(candidate));
    int kept = count;
    if (draw->top_k > 0) {
        if (count < draw->top_k && !complete) return 0;
        kept = select_prefix(items, count, draw->top_k, 0);
        total = weight_of(items, kept);
    }
    if (draw->top_p < 1) {
        const double target = draw->top_p * total;
        if (!complete && draw->top_k <= 0 && weight_of(items, kept) < target) return 0;
        kept = select_prefix(items, kept, target, 1);
    }
    const candidate *last = items;
    for (int i = 1; i < kept; i++)
        if (precedes(last, items + i)) last = items + i;
    return last;
}

/* The first kept id, in order of ids, at which the running sum exceeds uniform x the sum of all
 * kept. */
static int draw_kept(const reflux_draw *draw, const candidate *last, int count, candidate *items) {
    int kept = 0;
    for (int i = 0; i < count; i++) {
        const int passes = !precedes(last, items + i) && items[i].weight >= draw->min_p
            && items[i].weight > 0;
        items[kept] = items[i];
        kept += passes;
    }
    double target = draw->uniform * weight_of(items, kept);
    for (int i = 0; i < kept; i++) {
        if (items[i].weight > target) return items[i].id;
        target -= items[i].weight;
    }
    return items[kept - 1].id;
}

/* Few tokens of a large vocabulary matter: first only those within e^-10 of the largest are
 * looked at, and all of them only if these do not decide it. */
INLINE int draw_filtered(
    const reflux_draw *draw, int vocabulary, float top, float inverse, double total,
    const draw_memory *memory
) {
    for (int complete = vocabulary <= 4 * PIECE; ; complete = 1) {
        const float bound = complete ? -INFINITY : -10;
        const int count = collect(draw->logits, vocabulary, top, inverse, bound, memory);
        const int bounded_by_min_p = draw->min_p > 1e-4f && draw->top_k <= 0 && draw->top_p >= 1;
        const candidate *last =
            last_kept(draw, count, complete || bounded_by_min_p, total, memory);
        if (last) return draw_kept(draw, last, count, memory->ordered);
    }
}

INLINE void draw_token(reflux_draw *draw, int vocabulary, const draw_memory *memory) {
    const float *logits = draw->logits;
    const float top = find_maxima(logits, vocabulary, memory->maxima);
    draw->token = -1;
    draw->log_probability = NAN;
    if (top != top) return;
    const int greedy = !(draw->temperature > 1e-6f);
    const int filtered = draw->top_k > 0 || draw->top_p < 1 || draw->min_p > 0;
    const float inverse = greedy ? 1 : 1 / draw->temperature;
    const double plain = sum_weights(logits, vocabulary, top, 1, memory->sums);
    double tempered = plain;
    if (inverse != 1) tempered = sum_weights(logits, vocabulary, top, inverse, memory->sums);
    if (greedy)
        draw->token = first_equal(logits, vocabulary, memory->maxima, top);
    else if (filtered)
        draw->token = draw_filtered(draw, vocabulary, top, inverse, tempered, memory);
    else
        draw->token = draw_unfiltered(
            logits, vocabulary, top, inverse, memory->sums, draw->uniform * tempered);
    draw->log_probability = (float)((double)(logits[draw->token] - top) - log(plain));
}

KERNEL
void reflux_draw_tokens(reflux_draw *draws, int count, int vocabulary, void *scratch) {
    const draw_memory memory = divide(scratch, vocabulary);
    for (int i = 0; i < count; i++) draw_token(draws + i, vocabulary, &memory);
}
