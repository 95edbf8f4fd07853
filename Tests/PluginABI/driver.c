/* A small host that drives a plugin through the header it is compiled with, today's or the grown one
 * (-DGROWN), and prints everything that comes back, so that two hosts can be compared.
 *
 *   driver LIBRARY
 *
 * Every struct that goes to the plugin ends where a page ends that is followed by one that cannot be
 * read: whoever reads behind struct_size dies of it. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <math.h>
#include <reflux/reflux.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define TEXT(literal) ((reflux_string){(literal), sizeof(literal) - 1})

static void require(int holds, const char *what) {
    if (!holds) {
        fprintf(stderr, "driver: %s\n", what);
        exit(1);
    }
}

/* A copy at the end of a page, followed by one that cannot be touched. Never freed. */
static void *lend(const void *value, size_t size) {
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    require(size <= page, "a struct is larger than a page");
    char *pages =
        mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    require(pages != MAP_FAILED, "no memory");
    require(mprotect(pages + page, page, PROT_NONE) == 0, "no guard page");
    return memcpy(pages + page - size, value, size);
}

#define LEND(value) lend(&(value), sizeof(value))

static void print(const char *what, reflux_string text) {
    printf("%s %.*s\n", what, (int)text.length, text.data);
}

static void set_error(reflux_call *call, reflux_string text) { (void)call; print("error", text); }
static void set_configuration(reflux_call *call, reflux_string json) {
    (void)call;
    print("configuration", json);
}
static void log_line(reflux_call *call, int32_t level, reflux_string text) {
    (void)call;
    printf("level %d ", level);
    print("log", text);
}
static int32_t is_cancelled(reflux_call *call) { (void)call; return 0; }
static int64_t remaining(reflux_call *call) { (void)call; return INT64_MAX; }
static void random_words(reflux_call *call, uint64_t stream, uint64_t position, uint32_t out[4]) {
    (void)call;
    for (uint32_t i = 0; i < 4; i += 1) { out[i] = (uint32_t)(stream + position) + i; }
}
static void metric(reflux_call *call, int64_t step, reflux_string name, double value) {
    (void)call;
    (void)step;
    printf("%g ", value);
    print("metric", name);
}
static void progress(reflux_call *call, uint64_t done, uint64_t total, reflux_string unit) {
    (void)call;
    printf("%llu of %llu ", (unsigned long long)done, (unsigned long long)total);
    print("progress", unit);
}
static void set_label(reflux_call *call, reflux_string label) { (void)call; print("label", label); }
static void set_abstention(reflux_call *call, reflux_string reason) {
    (void)call;
    print("abstention", reason);
}
static void abstain(reflux_call *call, uint64_t response, reflux_string reason) {
    (void)call;
    printf("%llu ", (unsigned long long)response);
    print("abstains", reason);
}
#ifdef GROWN
static int32_t grown_service(reflux_call *call) { (void)call; return 42; }
#define GROW(value) ((value).grown_field = UINT64_C(4711))
#define SIZE(type, last) REFLUX_STRUCT_SIZE(type, grown_field)
#else
#define GROW(value) ((void)0)
#define SIZE(type, last) REFLUX_STRUCT_SIZE(type, last)
#endif

static reflux_host the_host(void) {
    reflux_host host = {
        .abi_minor = REFLUX_ABI_MINOR,
        .name = TEXT("driver"),
        .set_error = set_error,
        .set_configuration = set_configuration,
        .log = log_line,
        .is_cancelled = is_cancelled,
        .remaining_nanoseconds = remaining,
        .random_words = random_words,
        .metric = metric,
        .progress = progress,
    };
#ifdef GROWN
    host.grown_service = grown_service;
    host.struct_size = REFLUX_STRUCT_SIZE(reflux_host, grown_service);
#else
    host.struct_size = REFLUX_STRUCT_SIZE(reflux_host, progress);
#endif
    return host;
}

static reflux_call *const call = (reflux_call *)0x1000;

static reflux_creation *creation(void) {
    reflux_creation value = {
        .struct_size = SIZE(reflux_creation, base_folder),
        .configuration = TEXT("{}"),
        .seed = 7,
        .base_folder = TEXT("/"),
    };
    GROW(value);
    return LEND(value);
}

static reflux_response *response(int32_t role, reflux_string answer, int32_t finish) {
    reflux_response value = {
        .struct_size = SIZE(reflux_response, weight),
        .role = role,
        .text = TEXT("text"),
        .answer = answer,
        .source = TEXT("source"),
        .model = TEXT("model"),
        .finish = finish,
        .temperature = NAN,
        .token_count = -1,
        .mean_logprob = NAN,
        .weight = 1,
    };
    GROW(value);
    return LEND(value);
}

static void drive_rule(const reflux_rule_table *table) {
    void *instance = NULL;
    require(table->create(call, creation(), &instance) == REFLUX_OK, "create failed");
    reflux_prompt prompt = {
        .struct_size = SIZE(reflux_prompt, stop_count), .id = TEXT("p"), .text = TEXT("Q")};
    GROW(prompt);
    const reflux_response *responses[] = {
        response(REFLUX_ROLE_TEACHER, TEXT("4"), REFLUX_FINISH_STOP),
        response(REFLUX_ROLE_STUDENT, TEXT("5"), REFLUX_FINISH_STOP),
        response(REFLUX_ROLE_STUDENT, TEXT("4"), REFLUX_FINISH_LENGTH),
        response(REFLUX_ROLE_STUDENT, (reflux_string){NULL, 0}, REFLUX_FINISH_UNKNOWN),
        response(REFLUX_ROLE_STUDENT, TEXT("4"), REFLUX_FINISH_STOP),
    };
    double rewards[5] = {NAN, NAN, NAN, NAN, NAN};
    for (uint64_t count = 0; count <= 5; count += 5) {
        reflux_group group = {
            .struct_size = SIZE(reflux_group, gold),
            .prompt = LEND(prompt),
            .responses = responses,
            .response_count = count,
        };
        GROW(group);
        reflux_judgement out = {
            .struct_size = SIZE(reflux_judgement, abstain),
            .rewards = rewards,
            .set_label = set_label,
            .set_abstention = set_abstention,
            .abstain = abstain,
        };
        GROW(out);
        printf("judge %d\n", table->judge(instance, call, LEND(group), LEND(out)));
    }
    for (int i = 0; i < 5; i += 1) { printf("reward %a\n", rewards[i]); }
    table->destroy(instance);
}

static void drive_optimizer(const reflux_optimizer_table *table) {
    static const uint64_t offsets[] = {0, 2, 3}, groups[] = {0, 0};
    static const double rewards[] = {1, 0.25};
    static const float logprobs[] = {-0.5f, -1.5f, -2.5f};
    float advantages[3] = {NAN, NAN, NAN}, by_logprob[3] = {NAN, NAN, NAN};
    void *instance = NULL;
    require(table->create(call, creation(), &instance) == REFLUX_OK, "create failed");
    reflux_optimizer_traits traits = {
        .struct_size = SIZE(reflux_optimizer_traits, stops_gradient), .epochs = 1};
    GROW(traits);
    reflux_optimizer_traits *given = LEND(traits);
    printf("traits %d", table->get_traits(instance, call, given));
    printf(" values %u reference %u entropy %u epochs %u\n", given->needs_values,
        given->needs_reference, given->needs_entropy, given->epochs);
    reflux_rollout_batch rollouts = {
        .struct_size = SIZE(reflux_rollout_batch, values), .sequence_count = 2,
        .token_count = 3, .offsets = offsets, .groups = groups, .rewards = rewards,
        .old_logprobs = logprobs, .reference_logprobs = logprobs};
    GROW(rollouts);
    reflux_advantages out = {
        .struct_size = SIZE(reflux_advantages, returns), .advantages = advantages};
    GROW(out);
    printf("advantages %d\n",
        table->compute_advantages(instance, call, LEND(rollouts), LEND(out)));
    for (int i = 0; i < 3; i += 1) { printf("advantage %a\n", (double)advantages[i]); }
    reflux_loss_batch batch = {
        .struct_size = SIZE(reflux_loss_batch, total_sequences), .sequence_count = 2,
        .token_count = 3, .offsets = offsets, .logprobs = logprobs, .old_logprobs = logprobs,
        .reference_logprobs = logprobs, .advantages = advantages, .total_tokens = 4,
        .total_sequences = 2};
    GROW(batch);
    reflux_loss loss = {
        .struct_size = SIZE(reflux_loss, by_entropy), .value = NAN, .by_logprob = by_logprob};
    GROW(loss);
    reflux_loss *filled = LEND(loss);
    printf("loss %d ", table->compute_loss(instance, call, LEND(batch), filled));
    printf("%a\n", filled->value);
    for (int i = 0; i < 3; i += 1) { printf("derivative %a\n", (double)by_logprob[i]); }
    table->destroy(instance);
}

int main(int count, char **arguments) {
    require(count == 2, "usage: driver LIBRARY");
    void *library = dlopen(arguments[1], RTLD_NOW | RTLD_LOCAL);
    require(library != NULL, "the library cannot be opened");
    const reflux_plugin *(*entry)(void) = NULL;
    void *symbol = dlsym(library, REFLUX_PLUGIN_ENTRY_SYMBOL);
    memcpy(&entry, &symbol, sizeof(entry));
    require(entry != NULL, "there is no entry");
    const reflux_plugin *plugin = entry();
    require(plugin->magic == REFLUX_PLUGIN_MAGIC, "wrong magic");
    if (plugin->min_host_minor > REFLUX_ABI_MINOR) {
        printf("refused: it needs minor %u, this host has %u\n", plugin->min_host_minor,
            REFLUX_ABI_MINOR);
        return 3;
    }
    reflux_host host = the_host();
    require(plugin->init(LEND(host), call) == REFLUX_OK, "init failed");
    for (uint64_t i = 0; i < plugin->extension_count; i += 1) {
        const reflux_extension *part = plugin->extensions[i];
        print("extension", part->id);
        if (part->kind.length == strlen(REFLUX_KIND_PSEUDO_REWARD_RULE)) {
            drive_rule(part->table);
        } else {
            drive_optimizer(part->table);
        }
    }
    return 0;
}
