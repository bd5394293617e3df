#include "cmd/run/chain.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "cmd/check_answer.h"
#include "cmd/filter_words.h"
#include "cmd/log.h"

static void filter_release(struct chain_filter *filter)
{
    free(filter->name);
    free(filter->module);
    free(filter->root_id);
    free(filter->config);
    free(filter->origin);
}

void chain_release(struct chain *chain)
{
    for (size_t i = 0; i < chain->count; i++)
        filter_release(&chain->items[i]);
    free(chain->items);
    *chain = (struct chain){0};
}

/* --- Names --- */

static bool has_name(const struct chain *chain, const char *name)
{
    for (size_t i = 0; i < chain->count; i++)
        if (chain->items[i].name && strcmp(chain->items[i].name, name) == 0)
            return true;
    return false;
}

static char *free_name(const struct chain *chain, const char *text)
{
    AUTO_FREE char *name = filter_name(text);
    char *unique = mem_dup(name);
    for (int number = 2; has_name(chain, unique); number++) {
        free(unique);
        unique = mem_printf("%s-%d", name, number);
    }
    return unique;
}

/* --- Words beside the module --- */

static int take_config(const struct chain_wish *wish, size_t at, struct chain_filter *filter,
                       struct err *err)
{
    const char *given = at < wish->configs->count ? wish->configs->items[at] : NULL;
    AUTO(buf_release) struct buf text = BUF_INIT(CHAIN_CONFIG_MAX);
    AUTO_FREE char *file = NULL;
    if (!given && wish->config_file)
        given = file = mem_printf("@%s", wish->config_file);
    int rc = given ? filter_config_read(given, "--config", &text, err) : 0;
    if (!rc && text.len)
        filter->config = buf_steal(&text);
    return rc;
}

/* The first root id of the image's runtime config; NULL: it has none. */
static int find_root_id(struct subject *subject, const struct wasm *pulled, char **out,
                        struct err *err)
{
    AUTO(runtime_config_release) struct runtime_config config = {0};
    int rc = filter_runtime(subject, pulled, &config, err);
    if (!rc && config.root_ids.count)
        *out = mem_dup(config.root_ids.items[0]);
    return rc;
}

static int take_root_id(const struct chain_wish *wish, size_t at, struct subject *subject,
                        const struct wasm *pulled, struct chain_filter *filter, struct err *err)
{
    if (at >= wish->root_ids->count)
        return find_root_id(subject, pulled, &filter->root_id, err);
    const char *given = wish->root_ids->items[at];
    filter->root_id = *given ? mem_dup(given) : NULL;
    return 0;
}

/* --- Modules --- */

static void warn(const struct answer *answer, const struct chain_filter *filter)
{
    if (answer->state == ANSWER_REFUSES)
        log_warningf("%s:%s will not load %s: because %s%s%s", host_name(&answer->host),
                     host_version_name(&answer->host), filter->text, answer->because,
                     answer->next ? "; do: " : "", answer->next ? answer->next : "");
    for (size_t i = 0; answer->state == ANSWER_LOADS && i < answer->note_count; i++)
        log_infof("%s: %s", filter->text, answer->notes[i]);
}

static int copy_module(const struct wasm *wasm, const char *folder, size_t at, char **out,
                       struct err *err)
{
    AUTO_FREE char *path = mem_printf("%s/%zu.wasm", folder, at + 1);
    AUTO_CLOSE int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0)
        return err_errno(err, "make %s", path);
    int rc = file_copy(wasm->fd, fd, err);
    if (!rc)
        *out = STEAL(path);
    return rc;
}

static int take_module(const struct chain_wish *wish, size_t at, struct subject *subject,
                       struct answer_wasm *wasm, struct chain_filter *filter, struct err *err)
{
    struct answer answer = {.host = wish->host};
    int rc = answer_of_host(subject, wasm, &answer, err);
    if (!rc && wasm->pulled.fd < 0)
        rc = err_set(err, ERR_FAILED, "%s",
                     answer.because ? answer.because : "the wasm could not be had");
    if (!rc)
        warn(&answer, filter);
    answer_release(&answer);
    return rc ? rc : copy_module(&wasm->pulled, wish->folder, at, &filter->module, err);
}

static char *origin_of(const struct subject *subject)
{
    if (subject->kind == SUBJECT_FILE)
        return mem_dup(subject->text);
    return subject->kind == SUBJECT_STORED ? mem_printf("%s/filter.wasm", subject->image.dir)
                                           : NULL;
}

static int open_filter(const struct chain_wish *wish, size_t at, struct chain *chain,
                       struct err *err)
{
    AUTO(subject_release) struct subject subject = SUBJECT_INIT;
    AUTO(answer_wasm_release) struct answer_wasm wasm = ANSWER_WASM_INIT;
    struct chain_filter *filter = &chain->items[at];
    filter->text = wish->subjects[at];
    int rc = subject_open(&subject, filter->text, wish->place, err);
    if (rc)
        return rc;
    filter->name = free_name(chain, subject_ref(&subject));
    filter->origin = origin_of(&subject);
    rc = take_module(wish, at, &subject, &wasm, filter, err);
    if (!rc)
        rc = take_root_id(wish, at, &subject, &wasm.pulled, filter, err);
    return rc ? rc : take_config(wish, at, filter, err);
}

static int check_count(const struct chain_wish *wish, const char *option,
                       const struct option_list *values, struct err *err)
{
    return values->count <= wish->count
               ? 0
               : err_set(err, ERR_USAGE,
                         "%s was given %zu times for %zu filter%s: the first one is for the first "
                         "filter, and so on",
                         option, values->count, wish->count, wish->count == 1 ? "" : "s");
}

int chain_open(const struct chain_wish *wish, struct chain *out, struct err *err)
{
    AUTO(chain_release)
    struct chain chain = {.items = mem_zero(wish->count, sizeof(*chain.items)),
                          .count = wish->count};
    int rc = check_count(wish, "--config", wish->configs, err);
    if (!rc)
        rc = check_count(wish, "--root-id", wish->root_ids, err);
    for (size_t i = 0; !rc && i < wish->count; i++) {
        rc = open_filter(wish, i, &chain, err);
        if (rc && !ref_holds_login(wish->subjects[i]))
            rc = err_wrap(err, "%s", wish->subjects[i]);
    }
    if (rc)
        return rc;
    *out = chain;
    chain = (struct chain){0};
    return 0;
}

char *chain_names(const struct chain *chain)
{
    AUTO(buf_release) struct buf names = BUF_INIT(chain->count * (FILTER_NAME_MAX + 32));
    for (size_t i = 0; i < chain->count; i++)
        buf_printf(&names, "%s%s", i ? ", " : "", chain->items[i].name);
    return buf_steal(&names);
}
