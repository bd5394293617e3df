#include "server/openssl.h"

#include <stdarg.h>

#include "base/lazy.h"
#include "base/mem.h"

#define OPENSSL_SONAME "libssl.so.3"

DLOPEN_NOTE(openssl, "[{\"feature\":\"tls\",\"description\":\"serving over TLS\","
                     "\"priority\":\"recommended\",\"soname\":[\"" OPENSSL_SONAME "\"]}]");

#define DEFINE(name) __typeof__(name) *lib_##name;
OPENSSL_FUNCTIONS(DEFINE)

int openssl_load(struct err *err)
{
#define SYMBOL(name) {#name, &lib_##name},
    static const struct lazy_symbol symbols[] = {OPENSSL_FUNCTIONS(SYMBOL)};
    static struct lazy_library library = {OPENSSL_SONAME, symbols, COUNT(symbols), NULL};
    return lazy_load(&library, err);
}

const char *openssl_reason(void)
{
    const char *reason = lib_ERR_reason_error_string(lib_ERR_peek_last_error());
    lib_ERR_clear_error();
    return reason ? reason : "unknown error";
}

int openssl_fail(struct err *err, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    AUTO_FREE char *text = mem_vprintf(format, args);
    va_end(args);
    return err_set(err, ERR_FAILED, "%s: %s", text, openssl_reason());
}
