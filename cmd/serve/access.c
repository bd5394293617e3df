#include "cmd/serve/access.h"

#include <stdlib.h>

#include "base/mem.h"

static int read_networks(const struct option_list *list, struct serve_access *out, struct err *err)
{
    if (!list->count)
        return 0;
    out->networks = mem_zero(list->count, sizeof(*out->networks));
    for (size_t i = 0; i < list->count; i++) {
        int rc = network_parse(list->items[i], &out->networks[i], err);
        if (rc)
            return err_wrap(err, "--allow");
    }
    out->network_count = list->count;
    return 0;
}

int serve_access_open(const struct serve_access_args *args, struct serve_access *out,
                      struct err *err)
{
    *out = (struct serve_access){.networks = NULL};
    return read_networks(&args->allow, out, err);
}

void serve_access_use(struct serve_access *access, struct server_options *options)
{
    options->networks = access->networks;
    options->network_count = access->network_count;
}

void serve_access_release(struct serve_access *access)
{
    free(STEAL(access->networks));
}
