#include "registry/kept.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/private_file.h"
#include "base/visible.h"
#include "registry/scope.h"

static const char head[] = "wasme tokens 1\n";

enum { LEFT_MIN = 10, DIGITS_MAX = 12 };

static struct private_file file_of(const char *dir)
{
    return (struct private_file){.dir = dir, .name = "tokens", .secret = true};
}

static void entry_release(struct kept_entry *entry)
{
    credential_wipe(&entry->fields[KEPT_TOKEN]);
    for (size_t i = 0; i < KEPT_FIELDS; i++)
        free(entry->fields[i]);
    *entry = (struct kept_entry){0};
}

void kept_list_release(struct kept_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        entry_release(&list->items[i]);
    free(list->items);
    *list = (struct kept_list){0};
}

static bool same_key(const struct kept_entry *a, const struct kept_entry *b, size_t fields)
{
    for (size_t i = 0; i < fields; i++)
        if (strcmp(a->fields[i], b->fields[i]) != 0)
            return false;
    return true;
}

/* Puts the entry, which is handed over, in the place of the one of the same key. */
static void put(struct kept_list *list, struct kept_entry *entry)
{
    struct kept_entry *place = NULL;
    for (size_t i = 0; !place && i < list->count; i++)
        if (same_key(&list->items[i], entry, KEPT_KEY_FIELDS))
            place = &list->items[i];
    if (place) {
        entry_release(place);
    } else {
        list->items = mem_resize(list->items, list->count + 1, sizeof(*list->items));
        place = &list->items[list->count++];
    }
    *place = *entry;
    *entry = (struct kept_entry){0};
}

/* --- The text --- */

static bool is_plain(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if ((unsigned char)text[i] < ' ' || text[i] == 0x7f)
            return false;
    return len <= KEPT_TEXT_MAX;
}

static bool is_number(const char *text)
{
    size_t len = strlen(text);
    return len > 0 && len <= DIGITS_MAX && strspn(text, "0123456789") == len;
}

/* Reads a line of `len` bytes. */
static bool read_line(const char *line, size_t len, struct kept_entry *out)
{
    const char *end = line + len;
    for (size_t i = 0; i < KEPT_FIELDS; i++) {
        const char *tab = memchr(line, '\t', (size_t)(end - line));
        const char *stop = tab ? tab : end;
        if ((tab != NULL) != (i + 1 < KEPT_FIELDS) || !is_plain(line, (size_t)(stop - line)))
            return false;
        out->fields[i] = mem_dup_n(line, (size_t)(stop - line));
        line = tab ? tab + 1 : end;
    }
    if (!is_number(out->fields[KEPT_EXPIRES]) || !visible_is_all(out->fields[KEPT_TOKEN]) ||
        !*out->fields[KEPT_HOST])
        return false;
    out->expires = strtoll(out->fields[KEPT_EXPIRES], NULL, 10);
    return true;
}

bool kept_parse(const char *text, size_t len, struct kept_list *out)
{
    size_t at = sizeof(head) - 1;
    bool sound = len >= at && len <= KEPT_FILE_MAX && memcmp(text, head, at) == 0;
    while (sound && at < len) {
        struct kept_entry entry = {0};
        const char *end = memchr(text + at, '\n', len - at);
        sound = end && out->count < KEPT_TOKENS_MAX &&
                read_line(text + at, (size_t)(end - text) - at, &entry);
        if (sound) {
            at = (size_t)(end - text) + 1;
            put(out, &entry);
        }
        entry_release(&entry);
    }
    if (!sound)
        kept_list_release(out);
    return sound;
}

static void write_list(struct buf *out, const struct kept_list *list)
{
    buf_reserve(out);
    buf_add_text(out, head);
    for (size_t i = 0; i < list->count; i++)
        for (size_t n = 0; n < KEPT_FIELDS; n++) {
            buf_add_text(out, list->items[i].fields[n]);
            buf_add_char(out, n + 1 < KEPT_FIELDS ? '\t' : '\n');
        }
}

/* --- The file --- */

static void load(const char *dir, struct kept_list *list)
{
    const struct private_file file = file_of(dir);
    struct buf text AUTO(buf_wipe) = BUF_INIT(KEPT_FILE_MAX);
    kept_list_release(list);
    if (!dir)
        return;
    buf_reserve(&text);
    if (private_file_read(&file, &text))
        (void)kept_parse(buf_text(&text), text.len, list);
}

/* Is the token good for some time? A longer life than a token may have is of a clock that was
 * wrong. */
static bool is_good(const struct kept_entry *entry)
{
    long long left = entry->expires - time(NULL);
    return !entry->forgotten && left >= LEFT_MIN && left <= KEPT_SECONDS;
}

static int last_first(const void *a, const void *b)
{
    const struct kept_entry *first = a, *second = b;
    return first->expires < second->expires ? 1 : -(first->expires > second->expires);
}

static void tidy(struct kept_list *list)
{
    size_t count = 0;
    for (size_t i = 0; i < list->count; i++) {
        if (is_good(&list->items[i]))
            list->items[count++] = list->items[i];
        else
            entry_release(&list->items[i]);
    }
    list->count = count;
    if (count)
        qsort(list->items, count, sizeof(*list->items), last_first);
    while (list->count > KEPT_TOKENS_MAX)
        entry_release(&list->items[--list->count]);
}

static void save(const char *dir, struct kept_list *list)
{
    const struct private_file file = file_of(dir);
    tidy(list);
    if (!list->count) {
        private_file_remove(&file);
        return;
    }
    for (bool done = false; !done && list->count;) {
        struct buf out AUTO(buf_wipe) = BUF_INIT(KEPT_FILE_MAX);
        write_list(&out, list);
        done = !buf_overflowed(&out);
        if (done)
            (void)private_file_write(&file, out.data, out.len);
        else
            entry_release(&list->items[--list->count]);
    }
}

/* The entry without a token; false: a field cannot be written. */
static bool make_entry(const struct kept_owner *owner, const char *scope, struct kept_entry *out)
{
    const char *const fields[KEPT_KEY_FIELDS] = {
        owner->host, owner->origin, owner->realm, owner->service, owner->user, owner->source, scope,
    };
    for (size_t i = 0; i < KEPT_KEY_FIELDS; i++) {
        const char *text = fields[i] ? fields[i] : "";
        if (!is_plain(text, strlen(text))) {
            entry_release(out);
            return false;
        }
        out->fields[i] = mem_dup(text);
    }
    out->fields[KEPT_EXPIRES] = mem_dup("0");
    out->fields[KEPT_TOKEN] = mem_dup("-");
    return true;
}

/* Has this run dropped the token, or kept another in its place? */
static bool is_changed(const struct kept *kept, const struct kept_entry *entry)
{
    for (size_t i = 0; i < kept->changes.count; i++)
        if (same_key(&kept->changes.items[i], entry, KEPT_KEY_FIELDS))
            return true;
    return false;
}

bool kept_find(struct kept *kept, const struct kept_owner *owner, const char *scope,
               struct token *token, char **granted)
{
    struct kept_entry wanted = {0};
    if (!kept->dir || !make_entry(owner, scope, &wanted))
        return false;
    if (!kept->loaded)
        load(kept->dir, &kept->list);
    kept->loaded = true;
    const struct kept_entry *best = NULL;
    for (size_t i = 0; i < kept->list.count; i++) {
        const struct kept_entry *entry = &kept->list.items[i];
        const char *has = entry->fields[KEPT_SCOPE];
        if (same_key(entry, &wanted, KEPT_SCOPE) && is_good(entry) && !is_changed(kept, entry) &&
            (strcmp(has, scope) == 0 || scope_covers_all(has, scope)) &&
            (!best || entry->expires > best->expires))
            best = entry;
    }
    entry_release(&wanted);
    if (!best)
        return false;
    token->line = mem_printf(TOKEN_LEAD "%s", best->fields[KEPT_TOKEN]);
    token->expires_at = clock_ms() + (best->expires - time(NULL)) * 1000;
    *granted = mem_dup(best->fields[KEPT_SCOPE]);
    return true;
}

void kept_put(struct kept *kept, const struct kept_owner *owner, const char *scope,
              const struct token *token, int64_t ms)
{
    struct kept_entry entry = {0};
    const char *text = token->line + strlen(TOKEN_LEAD);
    long long life = ms / 1000 < KEPT_SECONDS ? ms / 1000 : KEPT_SECONDS;
    if (!kept->dir || life < LEFT_MIN || strlen(text) > KEPT_TEXT_MAX || !visible_is_all(text) ||
        !make_entry(owner, scope, &entry))
        return;
    entry.expires = time(NULL) + life;
    free(entry.fields[KEPT_EXPIRES]);
    free(entry.fields[KEPT_TOKEN]);
    entry.fields[KEPT_EXPIRES] = mem_printf("%lld", entry.expires);
    entry.fields[KEPT_TOKEN] = mem_dup(text);
    put(&kept->changes, &entry);
}

void kept_drop(struct kept *kept, const struct kept_owner *owner, const char *scope)
{
    struct kept_entry entry = {.forgotten = true};
    if (kept->dir && make_entry(owner, scope, &entry))
        put(&kept->changes, &entry);
}

void kept_close(struct kept *kept)
{
    if (kept->changes.count) {
        load(kept->dir, &kept->list);
        for (size_t i = 0; i < kept->changes.count; i++)
            put(&kept->list, &kept->changes.items[i]);
        save(kept->dir, &kept->list);
    }
    kept_list_release(&kept->list);
    kept_list_release(&kept->changes);
    *kept = (struct kept){0};
}

void kept_forget_host(const char *dir, const char *host)
{
    struct kept_list list AUTO(kept_list_release) = {0};
    bool found = false;
    load(dir, &list);
    for (size_t i = 0; i < list.count; i++) {
        list.items[i].forgotten = strcmp(list.items[i].fields[KEPT_HOST], host) == 0;
        found = found || list.items[i].forgotten;
    }
    if (found)
        save(dir, &list);
}
