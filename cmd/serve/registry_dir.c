#include "cmd/serve/registry_dir.h"

#include "base/mem.h"
#include "cmd/settings.h"

int serve_registry_dir(const char *given, const struct store *store, const char *store_option,
                       char **out, struct err *err)
{
    if (given || store_option) {
        *out = given ? mem_dup(given) : mem_printf("%s.registry", store_dir(store));
        return 0;
    }
    AUTO_FREE char *home = NULL;
    int rc = settings_home(&home, err);
    if (!rc)
        *out = mem_printf("%s/registry", home);
    return rc;
}
