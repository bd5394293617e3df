#include "module/feature.h"

#include "base/buf.h"
#include "base/mem.h"

const char *feature_name(enum feature feature)
{
    static const char *const names[FEATURE_COUNT] = {
        [FEATURE_MUTABLE_GLOBALS] = "mutable globals",
        [FEATURE_SIGN_EXTENSION] = "sign extension",
        [FEATURE_SAT_FLOAT] = "non-trapping float conversions",
        [FEATURE_MULTI_VALUE] = "multi-value",
        [FEATURE_BULK_MEMORY] = "bulk memory",
        [FEATURE_REFERENCE_TYPES] = "reference types",
        [FEATURE_SIMD] = "SIMD",
        [FEATURE_TAIL_CALLS] = "tail calls",
        [FEATURE_EXTENDED_CONST] = "extended constant expressions",
        [FEATURE_EXCEPTIONS] = "exceptions",
        [FEATURE_TYPED_REFS] = "typed function references",
        [FEATURE_GC] = "garbage collection",
        [FEATURE_MEMORY64] = "memory64",
        [FEATURE_MULTI_MEMORY] = "multi-memory",
        [FEATURE_RELAXED_SIMD] = "relaxed SIMD",
        [FEATURE_THREADS] = "threads",
        [FEATURE_LEGACY_EXCEPTIONS] = "legacy exceptions",
        [FEATURE_WIDE_ARITHMETIC] = "wide arithmetic",
        [FEATURE_STACK_SWITCHING] = "stack switching",
        [FEATURE_CUSTOM_PAGE_SIZES] = "custom page sizes",
    };
    return (size_t)feature < COUNT(names) ? names[feature] : "unknown";
}

char *features_words(uint32_t set)
{
    enum { WORDS_MAX = 1024 };
    struct buf out = BUF_INIT(WORDS_MAX);
    for (unsigned i = 0; i < FEATURE_COUNT; i++) {
        if (set & 1u << i)
            buf_printf(&out, "%s%s", out.len ? ", " : "", feature_name((enum feature)i));
    }
    return buf_steal(&out);
}
