/* Any two texts, with a newline between, as an address and a Location field seen from there: the
 * result is an address of http or https without a fragment, whose origin can be told. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "http/url.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_origin(const char *url)
{
    struct err err AUTO(err_release) = ERR_INIT;
    AUTO_FREE char *origin = NULL;
    AUTO_FREE char *again = NULL;
    int rc = url_origin(url, &origin, &err);
    if ((rc != 0) != (err.code != 0) || (rc == 0) != (origin != NULL))
        abort();
    if (!rc && (url_origin(origin, &again, ERR_IGNORED) != 0 || strcmp(origin, again) != 0))
        abort();
}

static void check_join(const char *base, const char *location)
{
    struct err err AUTO(err_release) = ERR_INIT;
    AUTO_FREE char *url = NULL;
    int rc = url_join(base, location, &url, &err);
    if ((rc != 0) != (err.code != 0) || (rc == 0) != (url != NULL))
        abort();
    if (rc)
        return;
    if (strncmp(url, "http://", 7) != 0 && strncmp(url, "https://", 8) != 0)
        abort();
    if (strchr(url, '#'))
        abort();
    check_origin(url);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO_FREE char *base = mem_dup_n((const char *)data, size);
    char *location = strchr(base, '\n');
    if (location)
        *location++ = '\0';
    check_origin(base);
    check_join(base, location ? location : "");
    check_join("https://registry.invalid/v2/a/blobs/uploads/1?x=y", base);
    url_hide_logins(base);
    return 0;
}
