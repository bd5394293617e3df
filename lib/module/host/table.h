/*
 * What a host knows, as data: one file .c for each host. Each
 * file names its sources. A new version of a host is a row, and no code.
 */
#ifndef WASME_MODULE_HOST_TABLE_H
#define WASME_MODULE_HOST_TABLE_H

#include "module/host/host.h"

/* Versions of the ABI, for sets. */
enum {
    ABI_0_1_0 = 1,
    ABI_0_2_0 = 2,
    ABI_0_2_1 = 4,
    ABI_0_2_100 = 8,
    ABI_MOSN_CODEC = 16,
    ABI_0_2 = ABI_0_2_0 | ABI_0_2_1 | ABI_0_2_100,
    ABI_ANY = 31,
};

/* An exported function that says which ABI the module speaks. All tables of rows end with a row
 * whose first member is NULL. */
struct host_marker {
    const char *export;
    const char *name; /* "v0.2.1" */
    unsigned abi;
};

enum host_status {
    HOST_WORKS,
    HOST_IDLE,  /* does nothing, and says that it succeeded */
    HOST_FAILS, /* does nothing, and returns an error */
    HOST_TRAPS, /* ends the call, as `unreachable` does */
};

/* A function that a module may import. */
struct host_function {
    const char *name;
    const char *signature; /* the host's own type; see module/type.h */
    unsigned abis;         /* with these the function is there */
    int since;             /* with versions of this level and above */
    enum host_status status;
    const char *note; /* or NULL */
};

/* Functions of one module name. A name may have several groups. */
struct host_group {
    const char *module; /* "env" */
    unsigned abis;      /* with these the whole group is there */
    const struct host_function *functions;
};

/* A function of the module that the host may call. */
struct host_callback {
    const char *name;
    const char *signature;
    unsigned abis;
    bool called;      /* the host calls the function; otherwise the host knows the name alone */
    const char *note; /* when, if that is unusual; or NULL */
};

/* A function that may run before the module has started (`since` as above). */
struct host_early {
    const char *name;
    int since;
};

/* What a call does to a host when the module has no memory, or has not started. */
enum host_harm { HARM_MAYBE, HARM_NONE, HARM_DEADLY };

/* Functions of which more is known than that they may end the host. */
struct host_harmful {
    const char *name;
    enum host_harm in_start_section;
    enum host_harm without_memory;
};

/* A callback that decides whether the filter runs. */
struct host_gate {
    const char *name;
    unsigned abis;
    bool needed;       /* without the callback the filter does not run */
    bool zero_fails;   /* a result of 0 is a failure */
    bool later;        /* a failure does not end the load */
    bool type_matters; /* a wrong type is found at this call, and not earlier */
    const char *quote; /* what the host logs when the callback fails */
};

enum marker_rule {
    MARKER_FIRST,  /* the first one in the order of the exports counts */
    MARKER_NEWEST, /* the newest one counts; without one, the newest that the host knows */
    MARKER_SINGLE, /* exactly one may be there */
    MARKER_NONE,   /* nobody looks for markers */
};

enum start_rule {
    START_REACTOR_FIRST, /* _initialize, then main; without _initialize: _start */
    START_COMMAND_FIRST, /* _start; without it _initialize */
    START_FIRST_EXPORT,  /* whichever of both comes first among the exports */
    START_COMMAND_ONLY,  /* _start */
    START_BY_NAME,       /* _start; otherwise a function that the user names */
};

/* How a host reads the section of names (the custom section "name"). */
enum name_rule { NAMES_UNREAD, NAMES_OF_FUNCTIONS_READ, NAMES_STRICT };

/* What happens when a start function calls proc_exit, but for hosts with a table of early calls. */
enum exit_rule {
    EXIT_FINE,
    EXIT_FAILS,  /* the module is not loaded */
    EXIT_CLOSES, /* the module is loaded, and each later call fails */
};

/*
 * The words of a host's log. In them {module}, {name}, {want} and {have} stand for the import or
 * export at hand. NULL: the host says nothing of its own.
 */
struct host_words {
    const char *bytecode;   /* the engine does not compile the module */
    const char *corrupted;  /* the section of names is damaged; NULL: nobody reads names */
    const char *marker;     /* no ABI version */
    const char *missing;    /* an import is missing */
    const char *no_module;  /* no module of the name that the import has; NULL: as `missing` */
    const char *mismatch;   /* an import has another type */
    const char *instance;   /* no instance was made */
    const char *memory;     /* no memory is exported */
    const char *allocator;  /* no function gives memory */
    const char *signature;  /* an exported function has another type */
    const char *trapped;    /* {name} has trapped */
    const char *endless;    /* {name} has called functions until the stack was full */
    const char *restricted; /* {name} has called a function too early */
};

/* What all versions of a host, and hosts of one family, have in common. */
struct host_rules {
    enum marker_rule marker_rule;
    const struct host_marker *markers;
    const struct host_group *groups;
    const struct host_callback *callbacks;
    const struct host_gate *gates;
    struct host_words words;
    enum start_rule start_rule;
    enum exit_rule exit_rule;
    enum name_rule name_rule;
    int main_void_since;            /* START_REACTOR_FIRST: __main_void counts, too; 0: never */
    const struct host_early *early; /* while the module starts, these alone; NULL: all */
    const struct host_early *early_in_malloc; /* likewise in malloc */
    bool makes_memory, makes_table;           /* an import of one is served */
    uint32_t never_together; /* features of which the engine takes one alone in a module */
    bool dies_of_tags;       /* the process ends at a tag among the imports or exports */
    /* Calls that end the host, or the load, in the start section; NULL: not known. */
    const struct host_harmful *harmful;
    const char *harm_words;   /* "dies of that (SIGSEGV)" */
    bool start_is_early;      /* start functions are as the start section here */
    bool dies_without_memory; /* of calls that need one, by `harmful` */
    const char *lax_types;    /* versions below the level `lax_until` do not compare the types of
                                 functions whose names begin so; NULL: all do */
    int lax_until;
    bool lax_elements;           /* elements outside the table are no failure */
    bool checks_signatures;      /* types of the functions above are compared when loading */
    const char *memory_name;     /* a memory of this name has to be exported; "": of any name;
                                NULL: none */
    bool needs_allocator;        /* malloc or proxy_on_memory_allocate */
    uint64_t max_pages;          /* of the memory when loading; 0: the engine's own maximum */
    size_t max_tables;           /* 0: likewise */
    bool sums_types;             /* the engine limits the types of all imports and exports together:
                                    Wasmtime, "effective type size exceeds the limit" */
    bool closed;                 /* the source is not public: a refusal is not certain */
    const char *const *doubtful; /* functions of which no document says that they are there */
    const char *doubt;           /* why */
    const char *const *facts;    /* rules and limits in words, for people; ended by NULL */
    const char *const *sources;  /* ended by NULL */
};

/* A line of versions. */
struct host_version {
    const char *name;         /* "1.36", or "1.32.13" when a patch begins a line of its own */
    int level;                /* what the rows of functions count */
    const char *engine;       /* "V8 13.8" */
    size_t max_externs;       /* imports, and exports, that the engine takes; 0: not known */
    uint32_t features;        /* sets of enum feature: what the engine has ... */
    uint32_t unsure_features; /* ... and what it may have */
    const char *unsure;       /* why; or NULL */
    const char *note;         /* what users of the line need to know; or NULL */
};

struct host {
    const char *name;  /* "envoy-gateway" */
    const char *title; /* "Envoy Gateway" */
    const struct host_rules *rules;
    const struct host_version *versions; /* the oldest one first */
    uint64_t fetch_max;                  /* bytes of a module; 0: no limit is known */
    const char *fetch_words;             /* what limits */
};

#define FEATURE_SET(name) (1u << FEATURE_##name)

/* The real functions of WASI preview 1 (wasi.c): all, and those that some hosts lack. */
extern const struct host_function wasi_functions[]; /* without the next ones */
extern const struct host_function wasi_poll_functions[];
extern const struct host_function wasi_raise_functions[];
extern const struct host_function wasi_accept_functions[];
extern const struct host_function wasi_socket_functions[]; /* the others of sockets */

/* The markers of the SDKs (markers.c). */
extern const struct host_marker sdk_markers[];

/* The levels of Envoy and its kin. */
enum {
    ENVOY_FIRST,
    ENVOY_GO,   /* with what Go's own compiler needs */
    ENVOY_WASI, /* with all of WASI preview 1 */
};
extern const struct host_function envoy_functions[]; /* of env */
extern const struct host_callback envoy_callbacks[], higress_callbacks[];
extern const struct host_group envoy_groups[];
extern const struct host_gate envoy_gates[];
extern const struct host_harmful envoy_harmful[];
extern const struct host_rules envoy_rules;
#define ENVOY_WORDS                                                                                \
    {                                                                                              \
        .bytecode = "Failed to load Wasm bytecode",                                                \
        .corrupted = "Failed to parse corrupted Wasm module",                                      \
        .marker = "Missing or unknown Proxy-Wasm ABI version",                                     \
        .missing = "Failed to load Wasm module due to a missing import: {module}.{name}",          \
        .mismatch = "Failed to load Wasm module due to an import type mismatch: "                  \
                    "{module}.{name}, want: {want}, but host exports: {have}",                     \
        .instance = "Failed to create new Wasm instance",                                          \
        .allocator = "Wasm module is missing malloc function.",                                    \
        .signature = "Bad function signature for: {name}, want: {want}, but the module exports: "  \
                     "{have}",                                                                     \
        .trapped = "Function: {name} failed: Uncaught RuntimeError: unreachable",                  \
        .endless = "Function: {name} failed: Uncaught RangeError: Maximum call stack "             \
                   "size exceeded",                                                                \
        .restricted = "Function: {name} failed: Uncaught Error: restricted_callback",              \
    }
/* Members of struct host_rules: what Envoy has in common with hosts that are made from it. */
#define ENVOY_RULES                                                                                \
    .marker_rule = MARKER_FIRST, .gates = envoy_gates, .words = ENVOY_WORDS,                       \
    .start_rule = START_REACTOR_FIRST, .makes_memory = true, .makes_table = true,                  \
    .never_together = FEATURE_SET(EXCEPTIONS) | FEATURE_SET(LEGACY_EXCEPTIONS),                    \
    .dies_of_tags = true, .harmful = envoy_harmful, .harm_words = "dies of that (SIGSEGV)",        \
    .dies_without_memory = true, .name_rule = NAMES_OF_FUNCTIONS_READ, .checks_signatures = true,  \
    .needs_allocator = true

/* The features of V8 by its version. */
#define V8_10_7 (FEATURES_2_0 | FEATURE_SET(THREADS) | FEATURE_SET(LEGACY_EXCEPTIONS))
#define V8_12_9                                                                                    \
    (V8_10_7 | FEATURE_SET(TAIL_CALLS) | FEATURE_SET(EXTENDED_CONST) | FEATURE_SET(TYPED_REFS) |   \
     FEATURE_SET(GC) | FEATURE_SET(MULTI_MEMORY) | FEATURE_SET(RELAXED_SIMD))
#define V8_13_8 (V8_12_9 | FEATURE_SET(MEMORY64) | FEATURE_SET(EXCEPTIONS))

extern const struct host host_envoy, host_istio, host_envoy_gateway, host_higress, host_mosn,
    host_apisix, host_wasmedge, host_kong, host_google;
/* In the order of documents; ended by NULL. */
extern const struct host *const host_table[];

#endif
