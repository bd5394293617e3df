#!/usr/bin/env bash
# Checks the calls against the contract of lib/base/err.h: no `struct err *` argument is a literal
# NULL. clang compiles a copy of the sources in which each such parameter is _Nonnull, so that calls
# by macros, by function pointers and with (cond ? NULL : err) are seen as well.
#   err_contract.sh --self-test   proves that a violation is found
#   JOBS=n                        compilers side by side
set -euo pipefail
cd "$(dirname "$0")/.."
copy=$(mktemp -d "${TMPDIR:-/tmp}/wasme-err.XXXXXX")
trap 'rm -rf "$copy"' EXIT

copy_sources() {
    find lib store cmd completions tests -path lib/starter/files -prune -o \
        -name '*.[ch]' -print0 | xargs -0 cp --parents -t "$copy"
}

# Marks the parameters in the copy, except the parameter of err_release(), which accepts NULL.
mark() {
    find "$copy" -name '*.[ch]' -exec sed -i -E \
        '/\berr_release\(/!s/\bstruct err \*(err\b|[,)])/struct err *_Nonnull \1/g' {} +
}

compile() {
    local flags=(-std=gnu11 -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 '-DWASME_VERSION="0"' -I. -Ilib
        -include base/banned.h -Wno-everything -Werror=nonnull -ferror-limit=0)
    find "$copy" -name '*.c' -printf '%P\n' | sort |
        (cd "$copy" && xargs -P "${JOBS:-$(nproc)}" -n 8 clang -fsyntax-only "${flags[@]}")
}

# Each line has a call in a small program, and the number of errors that it must cause.
self_test_calls='
direct(1, NULL)                                         1
direct(1, 0)                                            1
direct(1, 1 ? NULL : ERR_IGNORED)                       1
pointer(1, NULL)                                        1
member.call(1, (void *)0)                               1
BY_MACRO(1)                                             1
direct(1, ERR_IGNORED) + member.call(1, ERR_IGNORED)    0
(err_release(NULL), 0)                                  0
'

self_test() {
    local call expected found rc=0
    copy_sources
    find "$copy" -name '*.c' -delete
    mark
    while read -r call; do
        [[ $call ]] || continue
        expected=${call##* } call=${call% *}
        cat >"$copy/call.c" <<END
#include "base/err.h"
#include <stddef.h>
#define BY_MACRO(x) direct(x, NULL)
int direct(int a, struct err *err);
int (*pointer)(int a, struct err *);
struct { int (*call)(int a, struct err *err); } member;
int main(void) { return $call; }
END
        mark
        found=$(compile 2>&1 | grep -c 'error: null passed' || true)
        if [[ $found != "$expected" ]]; then
            echo "self-test: $call gives $found errors, and must give $expected"
            rc=1
        fi
    done <<<"$self_test_calls"
    return $rc
}

if [[ ${1:-} == --self-test ]]; then
    self_test
else
    copy_sources
    mark
    compile
fi
