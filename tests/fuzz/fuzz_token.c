/* Any text as the answer of a token realm, and of a helper program. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "credential/helper.h"
#include "registry/token.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A header line of ours must stay one line. */
static void check_line(const char *line)
{
    static const char start[] = "Authorization: Bearer ";
    if (strncmp(line, start, sizeof(start) - 1) != 0 || !line[sizeof(start) - 1])
        abort();
    for (const char *at = line + sizeof(start) - 1; *at; at++)
        if (*at <= ' ' || *at > '~')
            abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO(err_release) struct err err = ERR_INIT;
    AUTO(token_release) struct token token = {0};
    AUTO(credential_release) struct credential found = {0};
    int rc = token_read((const char *)data, size, &token, &err);
    if ((rc != 0) != (err.code != 0))
        abort();
    if (!rc)
        check_line(token.line);
    if (helper_read_reply((const char *)data, size, &found, ERR_IGNORED) == 0 &&
        (found.username != NULL) != (found.password != NULL))
        abort();
    return 0;
}
