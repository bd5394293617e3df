/* Which flags fit a TinyGo and a source, and which pairs are known to fail. */
#ifndef WASME_TOOLCHAIN_TINYGO_FLAGS_H
#define WASME_TOOLCHAIN_TINYGO_FLAGS_H

#include <stdbool.h>

#include "base/err.h"
#include "base/notice.h"
#include "toolchain/args.h"
#include "toolchain/gosource.h"
#include "toolchain/version.h"

struct tinygo_facts {
    struct version tinygo; /* not known: counts as current */
    struct version go;     /* the Go that TinyGo uses; may be not known */
    bool nottinygc;        /* go.mod requires github.com/wasilibs/nottinygc */
    bool wasmexport;       /* the source, or an SDK in go.mod, exports by //go:wasmexport */
    enum gosource_main main;
    const char *buildmode; /* the user's; lent; NULL: none */
};

/* Takes the two versions from the output of `tinygo version`. */
void tinygo_read_version(const char *text, struct tinygo_facts *facts);
void tinygo_read_source(const struct gosource *source, struct tinygo_facts *facts);
/* The value of -buildmode, the user's or the one that fits; NULL: none. Lent. */
const char *tinygo_buildmode(const struct tinygo_facts *facts);
/* The whole command; `out` is the file to write, `extra` the user's flags or NULL. All is
 * borrowed. */
void tinygo_command(const struct tinygo_facts *facts, const char *out, const char *const *extra,
                    struct args *args);
/* Fails when the user gives a flag that this TinyGo no longer has. */
int tinygo_check_flags(const struct tinygo_facts *facts, const char *const *extra, struct err *err);
/* Warns of pairs that are known to fail, and says the way out. */
void tinygo_warn(const struct tinygo_facts *facts, const struct notice *notice);

/* Whether this TinyGo refuses the Go that it uses; then what and fix are set, which the caller
 * frees. */
bool tinygo_refuses_go(const struct tinygo_facts *facts, char **what, char **fix);
/* Whether proxies cannot call a filter that works in main, as TINYGO_MAIN_ENDS says. */
bool tinygo_main_ends(const struct tinygo_facts *facts);
#define TINYGO_MAIN_ENDS                                                                           \
    "TinyGo 0.35 ends the module when main returns, and then proxies cannot call it"
#define TINYGO_MAIN_FIX                                                                            \
    "install TinyGo 0.36 or later, or initialise in func init() and leave main empty"

#endif
