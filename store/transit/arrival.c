#include "store/transit/arrival.h"

#include "base/mem.h"
#include "image/runtime_config.h"
#include "module/abi.h"

static void warn_without_abi(const char *shown, const struct notice *notice)
{
    notice_say(notice, NOTICE_WARNING,
               "%s exports no " ABI_EXPORT_PREFIX "*: every proxy will answer \"Missing or unknown "
               "Proxy-Wasm ABI version\"; build it with a proxy-wasm SDK",
               shown);
}

void arrival_take(const struct module *module, const char *shown, const struct notice *notice,
                  struct arrival *out)
{
    abi_versions(module, &out->abi_versions, &out->abi_count);
    if (out->abi_count == 0)
        warn_without_abi(shown, notice);
}

int arrival_read(int fd, const char *shown, const struct notice *notice, struct arrival *out,
                 struct err *err)
{
    AUTO(module_release) struct module module = {0};
    int rc = module_read(fd, shown, &module, err);
    if (!rc)
        arrival_take(&module, shown, notice, out);
    return rc;
}

void arrival_release(struct arrival *arrival)
{
    abi_versions_free(arrival->abi_versions, arrival->abi_count);
    *arrival = (struct arrival){0};
}

void arrival_make_config(const struct arrival *arrival, struct buf *out)
{
    AUTO(runtime_config_release) struct runtime_config config = {0};
    runtime_config_make(&config, (const char *const *)arrival->abi_versions, arrival->abi_count);
    runtime_config_write(&config, out); /* at most ABI_MAX_VERSIONS short names: no overflow */
}
