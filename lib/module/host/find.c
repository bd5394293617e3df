/* The tables by name and by number. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "module/host/table.h"

const struct host *const host_table[] = {
    &host_envoy,  &host_istio,    &host_envoy_gateway, &host_higress, &host_mosn,
    &host_apisix, &host_wasmedge, &host_kong,          &host_google,  NULL,
};

enum { HOST_COUNT = COUNT(host_table) - 1, TEXT_MAX = 4096, NAME_SHOWN_MAX = 100 };

const char *host_listed(size_t at)
{
    return at < HOST_COUNT ? host_table[at]->name : NULL;
}

const char *host_name(const struct host_choice *choice)
{
    return choice->host->name;
}

const char *host_version_name(const struct host_choice *choice)
{
    return choice->version->name;
}

bool host_has_v8(const struct host_choice *choice)
{
    const char *engine = choice->version->engine;
    return engine && strncmp(engine, "V8", 2) == 0;
}

const char *host_title(const struct host_choice *choice)
{
    return choice->host->title;
}

const char *host_engine(const struct host_choice *choice)
{
    return choice->version->engine;
}

const char *host_note(const struct host_choice *choice)
{
    return choice->version->note;
}

uint32_t host_features(const struct host_choice *choice)
{
    return choice->version->features;
}

uint32_t host_unsure_features(const struct host_choice *choice)
{
    return choice->version->unsure_features;
}

const char *host_unsure_words(const struct host_choice *choice)
{
    return choice->version->unsure;
}

const char *host_version_at(const struct host_choice *choice, size_t at)
{
    const struct host_version *version = choice->host->versions;
    while (version->name && at > 0) {
        version++;
        at--;
    }
    return version->name;
}

/* --- Versions --- */

enum { PARTS = 3 };

/* Reads "1", "1.36" or "1.36.4" into numbers; a missing part is 0. How many there are, or 0. */
static int read_version(const char *text, unsigned long parts[PARTS])
{
    int count = 0;
    memset(parts, 0, PARTS * sizeof(*parts));
    for (;;) {
        size_t digits = strspn(text, "0123456789");
        if (digits == 0 || digits > 6 || count == PARTS)
            return 0;
        parts[count++] = strtoul(text, NULL, 10);
        text += digits;
        if (!*text)
            return count;
        if (*text++ != '.')
            return 0;
    }
}

/* Whether a row is of the line that the version names, and not younger than the version. */
static bool covers(const char *row, const unsigned long wanted[PARTS])
{
    unsigned long parts[PARTS];
    int count = read_version(row, parts);
    for (int i = 0; i < count && i < 2; i++) {
        if (parts[i] != wanted[i])
            return false;
    }
    return count < PARTS || parts[2] <= wanted[2];
}

static const struct host_version *find_version(const struct host *host, const char *text)
{
    unsigned long wanted[PARTS];
    const struct host_version *found = NULL;
    if (*text == 'v')
        text++;
    int count = read_version(text, wanted);
    for (const struct host_version *row = host->versions; row->name; row++) {
        if (strcmp(row->name, text) == 0)
            return row;
        if (count && read_version(row->name, (unsigned long[PARTS]){0}) &&
            covers(row->name, wanted))
            found = row;
    }
    return found;
}

static const struct host_version *newest_version(const struct host *host)
{
    const struct host_version *row = host->versions;
    while (row[1].name)
        row++;
    return row;
}

/* Does a version come before (-1) or after (1) the line of a row? 0: neither can be told, as of "3"
 * and "3.4". */
static int compare_lines(const char *text, const char *row)
{
    unsigned long a[PARTS], b[PARTS];
    int count = read_version(*text == 'v' ? text + 1 : text, a);
    if (!count || !read_version(row, b) || (count == 1 && a[0] == b[0]))
        return 0;
    int at = a[0] == b[0] ? 1 : 0;
    return (a[at] > b[at]) - (a[at] < b[at]);
}

/* The row that is nearest to a version that no row covers: the oldest one or the newest one. NULL:
 * the version is not outside the table. */
static const struct host_version *nearest_version(const struct host *host, const char *text)
{
    const struct host_version *newest = newest_version(host);
    if (compare_lines(text, newest->name) > 0)
        return newest;
    return compare_lines(text, host->versions->name) < 0 ? host->versions : NULL;
}

/* A version outside the table may have nothing in common with the nearest one. */
static int refuse_distant(const struct host *host, const char *text,
                          const struct host_version *nearest, struct err *err)
{
    const char *oldest = host->versions->name, *newest = newest_version(host)->name;
    bool single = strcmp(oldest, newest) == 0;
    const char *which = nearest == host->versions ? ", the oldest" : ", the newest";
    return err_set(
        err, ERR_USAGE,
        "no version %.*s of %s is known, only %s%s%s: use %s%s, and try the result in %s "
        "%.*s",
        NAME_SHOWN_MAX, text, host->name, oldest, single ? "" : " to ", single ? "" : newest,
        nearest->name, single ? "" : which, host->title, NAME_SHOWN_MAX, text);
}

static int refuse_version(const struct host *host, const char *text, struct err *err)
{
    const struct host_version *nearest = nearest_version(host, text);
    if (nearest)
        return refuse_distant(host, text, nearest, err);
    AUTO(buf_release) struct buf known = BUF_INIT(TEXT_MAX);
    for (const struct host_version *row = host->versions; row->name; row++)
        buf_printf(&known, "%s%s", known.len ? ", " : "", row->name);
    return err_set(err, ERR_USAGE, "no version %.*s of %s is known: use one of %s", NAME_SHOWN_MAX,
                   text, host->name, buf_text(&known));
}

int host_parse(const char *text, struct host_choice *out, struct err *err)
{
    size_t len = strcspn(text, ":");
    const struct host *host = NULL;
    for (size_t i = 0; i < HOST_COUNT && !host; i++) {
        if (strlen(host_table[i]->name) == len && strncmp(host_table[i]->name, text, len) == 0)
            host = host_table[i];
    }
    if (!host) {
        AUTO(buf_release) struct buf names = BUF_INIT(TEXT_MAX);
        buf_add_names(&names, host_listed);
        return err_set(err, ERR_USAGE, "no host %.*s is known: use %s",
                       (int)(len < NAME_SHOWN_MAX ? len : NAME_SHOWN_MAX), text, buf_text(&names));
    }
    const struct host_version *version =
        text[len] ? find_version(host, text + len + 1) : newest_version(host);
    if (text[len] && !text[len + 1])
        return err_set(err, ERR_USAGE, "name a version behind the colon, or leave both out");
    if (!version)
        return refuse_version(host, text + len + 1, err);
    *out = (struct host_choice){host, version};
    return 0;
}

bool host_parse_nearest(const char *name, const char *version, struct host_choice *out)
{
    if (host_parse(name, out, ERR_IGNORED) != 0)
        return false;
    const struct host_version *nearest = nearest_version(out->host, version);
    if (nearest)
        out->version = nearest;
    return true;
}

/* --- Rows --- */

static void name_abis(const struct host_rules *rules, unsigned abis, char *out, size_t size)
{
    bool all = true;
    size_t used = 0;
    *out = '\0';
    for (const struct host_marker *marker = rules->markers; marker->export; marker++) {
        if (!(marker->abi & abis)) {
            all = false;
            continue;
        }
        int len = snprintf(out + used, size - used, "%s%s", used ? ", " : "", marker->name);
        if (len > 0 && (size_t)len < size - used)
            used += (size_t)len;
    }
    if (all)
        *out = '\0';
}

static const char *const states[] = {
    [HOST_WORKS] = NULL,
    [HOST_IDLE] = "does nothing",
    [HOST_FAILS] = "returns an error",
    [HOST_TRAPS] = "traps",
};

bool host_function_at(const struct host_choice *choice, size_t at, struct host_row *out)
{
    const struct host_rules *rules = choice->host->rules;
    for (const struct host_group *group = rules->groups; group->module; group++) {
        for (const struct host_function *row = group->functions; row->name; row++) {
            if (row->since > choice->version->level || at-- > 0)
                continue;
            *out = (struct host_row){group->module,       row->name, row->signature, "",
                                     states[row->status], row->note};
            name_abis(rules, row->abis & group->abis, out->abis, sizeof(out->abis));
            return true;
        }
    }
    return false;
}

bool host_callback_at(const struct host_choice *choice, size_t at, struct host_row *out)
{
    const struct host_rules *rules = choice->host->rules;
    for (const struct host_callback *row = rules->callbacks; row->name; row++) {
        if (at-- > 0)
            continue;
        *out = (struct host_row){
            NULL, row->name, row->signature, "", row->called ? NULL : "never called", row->note};
        name_abis(rules, row->abis, out->abis, sizeof(out->abis));
        return true;
    }
    return false;
}

bool host_marker_at(const struct host_choice *choice, size_t at, const char **marker,
                    const char **abi)
{
    const struct host_marker *row = choice->host->rules->markers;
    while (row->export && at > 0) {
        row++;
        at--;
    }
    if (!row->export)
        return false;
    *marker = row->export;
    *abi = row->name;
    return true;
}

static const char *text_at(const char *const *texts, size_t at)
{
    while (*texts && at > 0) {
        texts++;
        at--;
    }
    return *texts;
}

const char *host_fact_at(const struct host_choice *choice, size_t at)
{
    return text_at(choice->host->rules->facts, at);
}

const char *host_source_at(const struct host_choice *choice, size_t at)
{
    return text_at(choice->host->rules->sources, at);
}
