/* The extensions of WebAssembly 1.0 that a module needs, named as their proposals are. */
#ifndef WASME_MODULE_FEATURE_H
#define WASME_MODULE_FEATURE_H

#include <stddef.h>
#include <stdint.h>

/* Members of a set: 1u << FEATURE_X. In the order of the versions that took them in. */
enum feature {
    /* 2.0 */
    FEATURE_MUTABLE_GLOBALS, /* imported or exported */
    FEATURE_SIGN_EXTENSION,
    FEATURE_SAT_FLOAT, /* non-trapping conversions */
    FEATURE_MULTI_VALUE,
    FEATURE_BULK_MEMORY,
    FEATURE_REFERENCE_TYPES,
    FEATURE_SIMD,
    /* 3.0 */
    FEATURE_TAIL_CALLS,
    FEATURE_EXTENDED_CONST,
    FEATURE_EXCEPTIONS, /* try_table, throw_ref, tags */
    FEATURE_TYPED_REFS, /* typed function references */
    FEATURE_GC,
    FEATURE_MEMORY64,
    FEATURE_MULTI_MEMORY,
    FEATURE_RELAXED_SIMD,
    /* proposals */
    FEATURE_THREADS,           /* atomics and shared memory */
    FEATURE_LEGACY_EXCEPTIONS, /* try, catch, rethrow, delegate */
    FEATURE_WIDE_ARITHMETIC,
    FEATURE_STACK_SWITCHING,
    FEATURE_CUSTOM_PAGE_SIZES,
    FEATURE_COUNT,
};

#define FEATURES_2_0 ((1u << FEATURE_TAIL_CALLS) - 1)
#define FEATURES_3_0 ((1u << FEATURE_THREADS) - 1)

/* "tail calls"; for people. */
const char *feature_name(enum feature feature);
/* "tail calls, exceptions", of a set; "" of none. The caller frees the text. */
char *features_words(uint32_t set);

#endif
