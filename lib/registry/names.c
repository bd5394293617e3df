#include "registry/names.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/texts.h"
#include "base/visible.h"

enum { REFUSED_SHOWN = 3, REFUSED_BYTES = 80 };

void registry_names_release(struct registry_names *names)
{
    for (size_t i = 0; i < names->count; i++)
        free(names->items[i]);
    free(names->items);
    *names = (struct registry_names){0};
}

void name_list_release(struct name_list *list)
{
    registry_names_release(&list->names);
}

bool name_fits(enum name_kind kind, const char *text)
{
    AUTO(ref_release) struct ref ref = {0};
    bool tag = kind == NAME_TAG;
    if (strlen(text) > REF_NAME_MAX)
        return false;
    AUTO_FREE char *full = mem_printf(tag ? "registry.invalid/a:%s" : "registry.invalid/%s", text);
    if (ref_parse(full, NULL, &ref, ERR_IGNORED) != 0 || ref.digest.text[0])
        return false;
    return strcmp(tag ? ref.tag : ref.repository, text) == 0;
}

static void refuse(struct name_list *list, const char *text)
{
    struct buf clean AUTO(buf_release) = BUF_INIT(REFUSED_BYTES);
    if (list->refused++ >= REFUSED_SHOWN)
        return;
    visible_add_clean(&clean, text ? text : "", text ? strlen(text) : 0, REFUSED_BYTES);
    notice_say(list->notice, NOTICE_WARNING,
               "the registry lists \"%s\", which is not the name of a %s: left out",
               buf_text(&clean), list->kind == NAME_TAG ? "tag" : "repository");
}

void name_list_add(struct name_list *list, const char *text)
{
    struct registry_names *names = &list->names;
    if (!text || !name_fits(list->kind, text)) {
        refuse(list, text);
        return;
    }
    names->items = mem_grow(names->items, names->count, sizeof(*names->items));
    names->items[names->count++] = mem_dup(text);
}

void name_list_add_all(struct name_list *list, const struct json_t *array, const char *key)
{
    for (size_t i = 0; i < json_arr_len(array); i++) {
        const struct json_t *item = json_arr_at(array, i);
        name_list_add(list, key ? json_member_text(item, key) : json_text(item));
    }
}

void name_list_finish(struct name_list *list, struct registry_names *out)
{
    struct texts names = {list->names.items, list->names.count};
    if (list->refused > REFUSED_SHOWN)
        notice_say(list->notice, NOTICE_WARNING, "%zu names of that kind were left out",
                   list->refused);
    texts_sort_once(&names);
    *out = (struct registry_names){names.items, names.count};
    list->names = (struct registry_names){0};
}
