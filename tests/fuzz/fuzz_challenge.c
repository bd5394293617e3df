/* Any text as a WWW-Authenticate field. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "registry/challenge.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO(err_release) struct err err = ERR_INIT;
    AUTO(challenge_list_release) struct challenge_list list = {0};
    AUTO_FREE char *text = mem_dup_n((const char *)data, size);
    int rc = challenge_parse(text, &list, &err);
    if ((rc != 0) != (err.code != 0) || list.count > CHALLENGES_MAX)
        abort();
    for (size_t i = 0; i < list.count; i++)
        if (!list.items[i].scheme && !rc)
            abort();
    AUTO(challenge_list_release) struct challenge_list offer = {0};
    if (challenge_read(text, 200, &offer, ERR_IGNORED) != 0)
        abort();
    for (size_t i = 0; i < offer.count; i++)
        if (!offer.items[i].scheme)
            abort();
    return 0;
}
