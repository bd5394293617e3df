#include "base/pattern.h"

#include <stdlib.h>
#include <string.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "base/clock.h"
#include "base/lazy.h"
#include "base/mem.h"

#define PCRE2_SONAME "libpcre2-8.so.0"

enum {
    GROUPS_MAX = 100,        /* within each other */
    STEPS_MAX = 1000 * 1000, /* of a match; and as many more as the next one says */
    STEPS_OF_BYTE = 2,       /* of the text: ".*" goes back over the whole text, a byte a step */
    TIME_MAX = 2000,         /* ms of a match: a step may pass over the whole text */
    HEAP_MAX = 64 * 1024,    /* KiB, for a match */
};

/* --- PCRE2, loaded when first needed --- */

DLOPEN_NOTE(pcre2, "[{\"feature\":\"tests\",\"description\":\"regular expressions of run --test\","
                   "\"priority\":\"recommended\",\"soname\":[\"" PCRE2_SONAME "\"]}]");

/* clang-format off */
#define PCRE2_FUNCTIONS(X) \
    X(compile) X(code_free) X(match) X(match_data_create) X(match_data_free) \
    X(compile_context_create) X(compile_context_free) X(set_max_pattern_length) \
    X(set_parens_nest_limit) X(match_context_create) X(match_context_free) X(set_match_limit) \
    X(set_heap_limit) X(set_callout) X(get_error_message)
/* clang-format on */

#define DEFINE(name) static __typeof__(pcre2_##name##_8) *lib_##name;
PCRE2_FUNCTIONS(DEFINE)

static int load_pcre2(struct err *err)
{
#define SYMBOL(name) {"pcre2_" #name "_8", &lib_##name},
    static const struct lazy_symbol symbols[] = {PCRE2_FUNCTIONS(SYMBOL)};
    static struct lazy_library library = {PCRE2_SONAME, symbols, COUNT(symbols), NULL};
    return lazy_load(&library, err);
}

/* --- Expressions --- */

struct pattern {
    pcre2_code *code;
    pcre2_match_data *data;
    pcre2_match_context *bounds;
};

void pattern_free_at(struct pattern **at)
{
    struct pattern *pattern = STEAL(*at);
    if (!pattern)
        return;
    lib_match_context_free(pattern->bounds);
    lib_match_data_free(pattern->data);
    lib_code_free(pattern->code);
    free(pattern);
}

static int compile(const char *text, uint32_t extent, pcre2_compile_context *bounds,
                   pcre2_code **out, struct err *err)
{
    const uint32_t options = extent | PCRE2_DOTALL | PCRE2_DOLLAR_ENDONLY |
                             PCRE2_MATCH_INVALID_UTF | PCRE2_NEVER_BACKSLASH_C | PCRE2_AUTO_CALLOUT;
    unsigned char why[256];
    int number = 0;
    PCRE2_SIZE at = 0;
    lib_set_max_pattern_length(bounds, PATTERN_MAX);
    lib_set_parens_nest_limit(bounds, GROUPS_MAX);
    *out = lib_compile((PCRE2_SPTR)text, PCRE2_ZERO_TERMINATED, options, &number, &at, bounds);
    if (*out)
        return 0;
    (void)lib_get_error_message(number, why, sizeof(why));
    return err_set(err, ERR_USAGE, "\"%.200s\" is no regular expression: %s (byte %zu)", text,
                   (const char *)why, at);
}

int pattern_compile(const char *text, bool whole, struct pattern **out, struct err *err)
{
    int rc = load_pcre2(err);
    if (rc)
        return rc;
    pcre2_compile_context *bounds = lib_compile_context_create(NULL);
    AUTO(pattern_free_at) struct pattern *pattern = mem_zero(1, sizeof(*pattern));
    pattern->bounds = lib_match_context_create(NULL);
    if (!bounds || !pattern->bounds)
        abort();
    rc = compile(text, whole ? PCRE2_ANCHORED | PCRE2_ENDANCHORED : 0, bounds, &pattern->code, err);
    lib_compile_context_free(bounds);
    if (rc)
        return rc;
    /* Only whether there is a match is asked. */
    pattern->data = lib_match_data_create(1, NULL);
    if (!pattern->data)
        abort();
    lib_set_heap_limit(pattern->bounds, HEAP_MAX);
    *out = STEAL(pattern);
    return 0;
}

/* PCRE2 asks before each item of the expression whether to go on. */
static int check_time(pcre2_callout_block *where, void *until)
{
    (void)where;
    return clock_ms() < *(const int64_t *)until ? 0 : PCRE2_ERROR_CALLOUT;
}

enum pattern_verdict pattern_match(const struct pattern *pattern, const char *text, size_t len)
{
    int64_t until = clock_ms() + TIME_MAX;
    size_t steps = STEPS_MAX + STEPS_OF_BYTE * len;
    lib_set_match_limit(pattern->bounds, steps < UINT32_MAX ? (uint32_t)steps : UINT32_MAX);
    lib_set_callout(pattern->bounds, check_time, &until);
    int rc = lib_match(pattern->code, (PCRE2_SPTR)text, len, 0, 0, pattern->data, pattern->bounds);
    return rc >= 0 ? PATTERN_MATCHES : rc == PCRE2_ERROR_NOMATCH ? PATTERN_NONE : PATTERN_GAVE_UP;
}
