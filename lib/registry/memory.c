#include "registry/memory.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/json.h"
#include "base/json_write.h"
#include "base/mem.h"
#include "base/private_file.h"
#include "base/visible.h"

enum { FORMAT = 1, DAY = 86400 };

static const char *const over_names[] = {"https", "http", "unverified"};

static struct private_file file_of(const struct memory *memory)
{
    return (struct private_file){.dir = memory->dir, .name = "registries.json"};
}

static void entry_release(struct memory_entry *entry)
{
    free(entry->host);
    free(entry->realm);
    free(entry->service);
    *entry = (struct memory_entry){0};
}

void memory_list_release(struct memory_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        entry_release(&list->items[i]);
    free(list->items);
    *list = (struct memory_list){0};
}

static struct memory_entry *find(const struct memory_list *list, const char *host,
                                 enum memory_over over)
{
    for (size_t i = 0; i < list->count; i++)
        if (list->items[i].over == over && strcmp(list->items[i].host, host) == 0)
            return &list->items[i];
    return NULL;
}

/* Puts a copy of the entry in the place of the one for the same host and way. */
static void put(struct memory_list *list, const struct memory_entry *entry)
{
    struct memory_entry copy = *entry;
    struct memory_entry *place = find(list, entry->host, entry->over);
    copy.host = mem_dup(entry->host);
    copy.realm = mem_dup_or_null(entry->realm);
    copy.service = mem_dup_or_null(entry->service);
    if (place) {
        entry_release(place);
    } else {
        list->items = mem_resize(list->items, list->count + 1, sizeof(*list->items));
        place = &list->items[list->count++];
    }
    *place = copy;
}

/* --- The text --- */

static bool is_plain(const char *text)
{
    return text && visible_is_all(text) && strlen(text) <= MEMORY_TEXT_MAX;
}

static bool is_address(const char *text)
{
    return is_plain(text) && !strchr(text, '@') && /* which may be behind a password */
           (strncmp(text, "https://", 8) == 0 || strncmp(text, "http://", 7) == 0);
}

static bool is_sound(const struct memory_entry *entry)
{
    return is_plain(entry->host) && (!entry->bearer || is_address(entry->realm)) &&
           (!entry->service || strlen(entry->service) <= MEMORY_TEXT_MAX);
}

static bool read_entry(const struct json_t *value, struct memory_list *out)
{
    const char *over = json_member_text(value, "over");
    const char *scheme = json_member_text(value, "scheme");
    long long seen = json_member_size(value, "seen", 1LL << 40);
    size_t at = 0;
    while (over && at < COUNT(over_names) && strcmp(over, over_names[at]) != 0)
        at++;
    if (!over || at == COUNT(over_names) || !scheme || seen < 0)
        return false;
    bool bearer = strcmp(scheme, "bearer") == 0;
    bool open = strcmp(scheme, "none") == 0;
    /* The texts belong to the document, and put() copies them. */
    AUTO_FREE char *host = mem_dup_or_null(json_member_text(value, "host"));
    AUTO_FREE char *realm = bearer ? mem_dup_or_null(json_member_text(value, "realm")) : NULL;
    AUTO_FREE char *service = bearer ? mem_dup_or_null(json_member_text(value, "service")) : NULL;
    const struct memory_entry entry = {.host = host,
                                       .over = (enum memory_over)at,
                                       .open = open,
                                       .bearer = bearer,
                                       .realm = realm,
                                       .service = service,
                                       .http2 = json_member_size(value, "http2", 1) == 1,
                                       .seen = seen};
    if ((!bearer && !open && strcmp(scheme, "basic") != 0) || !is_sound(&entry))
        return false;
    put(out, &entry);
    return true;
}

bool memory_parse(const char *text, size_t len, struct memory_list *out)
{
    AUTO(json_doc_free_at) struct json_t *doc = NULL;
    if (len > MEMORY_FILE_MAX || json_doc_parse(text, len, &doc, ERR_IGNORED) != 0 ||
        json_member_size(doc, "format", FORMAT) != FORMAT)
        return false;
    const struct json_t *entries = json_member(doc, "registries");
    size_t count = json_arr_len(entries);
    bool sound = count <= MEMORY_ENTRIES_MAX;
    for (size_t i = 0; sound && i < count; i++)
        sound = read_entry(json_arr_at(entries, i), out);
    if (!sound)
        memory_list_release(out);
    return sound;
}

static void write_entry(struct buf *out, const struct memory_entry *entry)
{
    json_begin_object(out);
    json_put_pair(out, "host", entry->host);
    json_put_pair(out, "over", over_names[entry->over]);
    json_put_pair(out, "scheme", entry->open ? "none" : entry->bearer ? "bearer" : "basic");
    if (entry->realm)
        json_put_pair(out, "realm", entry->realm);
    if (entry->service)
        json_put_pair(out, "service", entry->service);
    if (entry->http2) {
        json_key(out, "http2");
        json_put_int(out, 1);
    }
    json_key(out, "seen");
    json_put_int(out, entry->seen);
    json_end_object(out);
}

static void write_list(struct buf *out, const struct memory_list *list)
{
    json_begin_object(out);
    json_key(out, "format");
    json_put_int(out, FORMAT);
    json_key(out, "registries");
    json_begin_array(out);
    for (size_t i = 0; i < list->count; i++)
        write_entry(out, &list->items[i]);
    json_end_array(out);
    json_end_object(out);
    buf_add_char(out, '\n');
}

/* --- The file --- */

static void load(struct memory *memory)
{
    struct private_file file = file_of(memory);
    struct buf text AUTO(buf_release) = BUF_INIT(MEMORY_FILE_MAX);
    memory_list_release(&memory->list);
    memory->loaded = true;
    if (private_file_read(&file, &text))
        (void)memory_parse(buf_text(&text), text.len, &memory->list);
}

/* An entry of the future is of a clock that was wrong. */
static bool is_young(const struct memory_entry *entry)
{
    long long now = time(NULL);
    return entry->seen <= now + DAY && now - entry->seen <= (long long)MEMORY_DAYS * DAY;
}

const struct memory_entry *memory_find(struct memory *memory, const char *host,
                                       enum memory_over over)
{
    if (!memory->dir)
        return NULL;
    if (!memory->loaded)
        load(memory);
    const struct memory_entry *entry = find(&memory->list, host, over);
    return entry && !entry->forgotten && is_young(entry) ? entry : NULL;
}

void memory_keep(struct memory *memory, const struct memory_entry *entry)
{
    struct memory_entry kept = *entry;
    const struct memory_entry *old = memory_find(memory, entry->host, entry->over);
    kept.seen = time(NULL);
    kept.forgotten = false;
    if (!memory->dir || !is_sound(entry))
        return;
    /* An entry is made new once a day, so that most runs write nothing. */
    if (old && old->open == kept.open && old->bearer == kept.bearer && old->http2 == kept.http2 &&
        mem_same_text(old->realm, kept.realm) && mem_same_text(old->service, kept.service) &&
        llabs(kept.seen - old->seen) < DAY)
        return;
    put(&memory->list, &kept);
    put(&memory->changes, &kept);
}

void memory_forget(struct memory *memory, const char *host, enum memory_over over)
{
    AUTO_FREE char *name = mem_dup(host);
    const struct memory_entry gone = {.host = name, .over = over, .forgotten = true};
    if (!memory_find(memory, host, over))
        return;
    put(&memory->list, &gone);
    put(&memory->changes, &gone);
}

static int newest_first(const void *a, const void *b)
{
    const struct memory_entry *first = a, *second = b;
    return first->seen < second->seen ? 1 : -(first->seen > second->seen);
}

/* Takes out what is forgotten or too old, and the oldest of what is too much. */
static void tidy(struct memory_list *list)
{
    size_t kept = 0;
    for (size_t i = 0; i < list->count; i++) {
        if (list->items[i].forgotten || !is_young(&list->items[i]))
            entry_release(&list->items[i]);
        else
            list->items[kept++] = list->items[i];
    }
    list->count = kept;
    if (kept)
        qsort(list->items, kept, sizeof(*list->items), newest_first);
    while (list->count > MEMORY_ENTRIES_MAX)
        entry_release(&list->items[--list->count]);
}

static void save(struct memory *memory)
{
    struct private_file file = file_of(memory);
    load(memory);
    for (size_t i = 0; i < memory->changes.count; i++)
        put(&memory->list, &memory->changes.items[i]);
    tidy(&memory->list);
    for (bool done = false; !done;) {
        struct buf out AUTO(buf_release) = BUF_INIT(MEMORY_FILE_MAX);
        write_list(&out, &memory->list);
        done = !buf_overflowed(&out) || !memory->list.count;
        if (done)
            (void)private_file_write(&file, out.data, out.len);
        else
            entry_release(&memory->list.items[--memory->list.count]); /* the oldest */
    }
}

void memory_close(struct memory *memory)
{
    if (memory->changes.count)
        save(memory);
    memory_list_release(&memory->list);
    memory_list_release(&memory->changes);
    *memory = (struct memory){0};
}
