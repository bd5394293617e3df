/*
 * Whether a host loads a module: Envoy and its kin, MOSN, APISIX, WasmEdge and others.
 *
 * The tables of module/host/ say what each version of a host knows; each row has its source. The
 * rules, which are few, are in module/host/judge.c.
 */
#ifndef WASME_MODULE_HOST_HOST_H
#define WASME_MODULE_HOST_HOST_H

#include "module/module.h"
#include "module/validate.h"

struct host;         /* see host/table.h */
struct host_version; /* likewise */

/* A host in one of its versions. */
struct host_choice {
    const struct host *host;
    const struct host_version *version;
};

/* "envoy", "istio", ...; NULL behind the last. */
const char *host_listed(size_t at);
/* Reads NAME or NAME:VERSION; without a version the newest. "1.36" and "v1.36.4" name the line
 * 1.36.
 * ERR_USAGE lists the names, or the versions of that host; for a version that is older or younger
 * than all of these it names the nearest one. */
int host_parse(const char *text, struct host_choice *out, struct err *err);
/* For a version that is older or younger than all that are known the nearest one, otherwise the
 * newest. False: there is no host of that name. */
bool host_parse_nearest(const char *name, const char *version, struct host_choice *out);
/* "envoy", and "1.40". */
const char *host_name(const struct host_choice *choice);
const char *host_version_name(const struct host_choice *choice);

enum host_answer { HOST_LOADS, HOST_REFUSES, HOST_UNKNOWN };

/* The reasons that a toolchain has a remedy of its own against (toolchain/remedy.h). */
enum host_reason {
    HOST_REASON_OTHER,
    HOST_REASON_NO_ABI,      /* no ABI version is exported */
    HOST_REASON_FEATURES,    /* the engine lacks a feature of WebAssembly */
    HOST_REASON_WASI,        /* a function of WASI is missing */
    HOST_REASON_LINKS,       /* a function that makes links has another type */
    HOST_REASON_EXIT,        /* a start function ends with proc_exit */
    HOST_REASON_EARLY,       /* a start function calls the host too early */
    HOST_REASON_NOT_STARTED, /* it loads, but nobody calls _initialize: the last note says so */
};

/* Texts without a full stop; owned. */
struct host_verdict {
    enum host_answer answer;
    enum host_reason reason;
    char *abi;     /* "v0.2.1", the version that counts; NULL: none */
    char *because; /* why not, or why it cannot be told; NULL when it loads */
    char *quote;   /* the words that the host logs; or NULL */
    char *next;    /* what to do; or NULL */
    char **notes;  /* of a module that loads: what may go wrong later */
    size_t note_count;
};
void host_verdict_release(struct host_verdict *verdict); /* usable with AUTO() */

/* `fd` is the file that the module was read from; `validation` is what module_validate() said of
 * it, or NULL when the instructions do not count. Fails only when the file cannot be read. */
int host_judge(const struct host_choice *choice, int fd, const struct module *module,
               const struct validation *validation, struct host_verdict *out, struct err *err);

/* "proxy-wasm filter, ABI v0.2.1", "MOSN codec plugin", "WASI command", "WASI reactor", "module":
 * by the exports alone. The caller frees the text. */
char *host_module_kind(const struct module *module);

/* --- What a host offers, for people --- */

/* A function that a host offers or may call. */
struct host_row {
    const char *module;    /* "env"; NULL for callbacks */
    const char *name;      /* lives as long as the program, like all texts here */
    const char *signature; /* as in module/type.h; signature_words() makes words of it */
    char abis[64];         /* "v0.2.0, v0.2.1"; "" means all */
    const char *state;     /* "returns an error", "never called" ...; NULL: nothing unusual */
    const char *note;      /* or NULL */
};
/* The function or callback of that number; false behind the last one. */
bool host_function_at(const struct host_choice *choice, size_t at, struct host_row *out);
bool host_callback_at(const struct host_choice *choice, size_t at, struct host_row *out);
/* The export that is a marker of an ABI and its name, "v0.2.1"; false behind the last one. */
bool host_marker_at(const struct host_choice *choice, size_t at, const char **marker,
                    const char **abi);
/* Rules and limits in words, and where the facts come from; NULL behind the last one. */
const char *host_fact_at(const struct host_choice *choice, size_t at);
const char *host_source_at(const struct host_choice *choice, size_t at);
/* The versions that are known, the oldest one first; NULL behind the last one. */
const char *host_version_at(const struct host_choice *choice, size_t at);
/* "Envoy Gateway"; "V8 13.8", or NULL; what users of the version need to know, or NULL. */
const char *host_title(const struct host_choice *choice);
const char *host_engine(const struct host_choice *choice);
const char *host_note(const struct host_choice *choice);
/* Is the engine V8? */
bool host_has_v8(const struct host_choice *choice);
/* Sets of enum feature: what the engine has, and what it may have. */
uint32_t host_features(const struct host_choice *choice);
uint32_t host_unsure_features(const struct host_choice *choice);
/* Why that is not certain; NULL when all is. */
const char *host_unsure_words(const struct host_choice *choice);

#endif
