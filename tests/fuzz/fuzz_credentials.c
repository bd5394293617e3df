/* Any text as a file of credentials in Docker's format. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "credential/config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct credential_entry *entry)
{
    const struct credential *stored = &entry->stored;
    if ((stored->username != NULL) != (stored->password != NULL) || stored->source)
        abort();
    if (entry->helper && (!entry->member || strchr(entry->helper, '/') || !entry->helper[0] ||
                          strlen(entry->helper) > HELPER_NAME_MAX))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const asked[][2] = {
        {"h.x", NULL}, {"h.x", "a/b"}, {"docker.io", "library/f"}, {"[::1]:5000", "a"}};
    for (size_t i = 0; i < COUNT(asked); i++) {
        AUTO(err_release) struct err err = ERR_INIT;
        AUTO(credential_entry_release) struct credential_entry entry = {0};
        const struct credential_target target = {asked[i][0], asked[i][1]};
        int rc = credential_config_read((const char *)data, size, &target, &entry, &err);
        if ((rc != 0) != (err.code != 0))
            abort();
        if (!rc)
            check(&entry);
    }
    return 0;
}
