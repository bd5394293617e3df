#include "cmd/host_args.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "cmd/log.h"
#include "module/validate.h"
#include "toolchain/remedy.h"

void host_wish_release(struct host_wish *wish)
{
    free(wish->hosts);
    *wish = (struct host_wish){0};
}

int host_wish_read(const struct cli *cli, const struct host_args *args, struct host_wish *out,
                   struct err *err)
{
    out->hosts = mem_zero(args->require.count, sizeof(*out->hosts));
    for (size_t i = 0; i < args->require.count; i++) {
        const char *text = args->require.items[i];
        int rc = host_parse(text, &out->hosts[out->count++], err);
        if (rc)
            return err_wrap(err, "%s: --require \"%.100s\"", cli->command->name, text);
    }
    return 0;
}

/* "envoy:1.40 will not load x.wasm: because ... ("..."); do: ...", in the words of wasme check. */
static char *words_of(const struct host_choice *host, const char *shown,
                      const struct host_verdict *verdict)
{
    AUTO_FREE char *quote = verdict->quote ? mem_printf(" (\"%s\")", verdict->quote) : mem_dup("");
    return mem_printf("%s:%s %s %s: because %s%s%s%s", host_name(host), host_version_name(host),
                      verdict->answer == HOST_REFUSES ? "will not load" : "may not be able to load",
                      shown, verdict->because, quote, verdict->next ? "; do: " : "",
                      verdict->next ? verdict->next : "");
}

/* Warns of a module that loads and that nobody sets up; its last note is the remedy. */
static void warn_of_start(const struct host_choice *host, const struct host_verdict *verdict)
{
    AUTO_FREE char *name = mem_printf("%s:%s", host_name(host), host_version_name(host));
    if (verdict->answer != HOST_LOADS || verdict->reason != HOST_REASON_NOT_STARTED)
        return;
    for (size_t i = 0; i < verdict->note_count; i++)
        log_warningf("%s: %s", name, verdict->notes[i]);
}

/* A filter to be judged. */
struct candidate {
    int fd;
    const struct module *module;
    const struct validation *validation; /* NULL: the instructions do not count */
    const char *shown;
};

static int judge(const struct host_wish *wish, const struct host_choice *host,
                 const struct candidate *filter, struct host_verdict *out, struct err *err)
{
    int rc = host_judge(host, filter->fd, filter->module, filter->validation, out, err);
    if (!rc)
        remedy_apply(wish->builder, filter->fd, filter->module, out);
    return rc;
}

static int require_host(const struct host_wish *wish, const struct host_choice *host,
                        const struct candidate *filter, struct err *err)
{
    AUTO(host_verdict_release) struct host_verdict verdict = {0};
    int rc = judge(wish, host, filter, &verdict, err);
    if (!rc)
        warn_of_start(host, &verdict);
    if (rc || verdict.answer == HOST_LOADS)
        return rc;
    AUTO_FREE char *words = words_of(host, filter->shown, &verdict);
    return err_set(err, ERR_FAILED, "--require: %s", words);
}

/* The host that the ABI version of the module was made for. */
static const char *own_host(const struct module *module)
{
    static const struct {
        const char *marker, *host;
    } own[] = {
        {"proxy_abi_version_0_2_100", "higress"}, {"proxy_abi_mosn_version_0_2_0", "mosn"},
        {"proxy_abi_version_0_1_0", "envoy"},     {"proxy_abi_version_0_2_0", "envoy"},
        {"proxy_abi_version_0_2_1", "envoy"},
    };
    for (size_t i = 0; i < COUNT(own); i++)
        if (module_find_export(module, EXTERN_FUNC, own[i].marker))
            return own[i].host;
    return NULL; /* the lack of a version is warned of elsewhere */
}

static void warn(const struct host_wish *wish, const struct host_choice *host,
                 const struct candidate *filter)
{
    AUTO(host_verdict_release) struct host_verdict verdict = {0};
    int rc = judge(wish, host, filter, &verdict, ERR_IGNORED);
    bool doubt = wish->fresh && verdict.answer == HOST_UNKNOWN;
    if (rc || (verdict.answer != HOST_REFUSES && !doubt))
        return;
    AUTO_FREE char *words = words_of(host, filter->shown, &verdict);
    log_warning(words, NULL);
}

/* The instructions of a filter that comes from elsewhere are not read for a mere warning: that
 * would be most of the work of a push. */
static void warn_of_own_host(const struct host_wish *wish, struct candidate *filter)
{
    AUTO(validation_release) struct validation validation = {0};
    struct host_choice host;
    const char *name = own_host(filter->module);
    if (!name || host_parse(name, &host, ERR_IGNORED) != 0)
        return;
    if (wish->fresh) {
        if (module_validate(filter->fd, filter->module, &validation, ERR_IGNORED) != 0)
            return;
        filter->validation = &validation;
    }
    warn(wish, &host, filter);
    filter->validation = NULL;
}

int host_wish_judge_module(const struct host_wish *wish, int fd, const struct module *module,
                           const char *shown, struct err *err)
{
    AUTO(validation_release) struct validation validation = {0};
    struct candidate filter = {fd, module, NULL, shown};
    if (!wish->count) {
        warn_of_own_host(wish, &filter);
        return 0;
    }
    filter.validation = &validation;
    int rc = module_validate(fd, module, &validation, err);
    for (size_t i = 0; !rc && i < wish->count; i++)
        rc = require_host(wish, &wish->hosts[i], &filter, err);
    return rc;
}

int host_wish_judge(const struct host_wish *wish, int fd, const char *shown, struct err *err)
{
    AUTO(module_release) struct module module = {0};
    int rc = module_read(fd, shown, &module, wish->count ? err : ERR_IGNORED);
    if (rc)
        return wish->count ? rc : 0; /* a wasm that is no module is told of elsewhere */
    return host_wish_judge_module(wish, fd, &module, shown, err);
}
