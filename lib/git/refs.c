#include "git/refs.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/percent.h"

enum { SIMILAR_MAX = 5 };

int refs_add(struct refs *refs, const char *name, size_t len, const char *id, struct err *err)
{
    if (refs->count == REFS_MAX)
        return err_set(err, ERR_DAMAGED, "the repository has more than %d names", REFS_MAX);
    refs->items = mem_grow(refs->items, refs->count, sizeof(*refs->items));
    struct ref_name *item = &refs->items[refs->count++];
    item->name = mem_dup_n(name, len);
    memcpy(item->id, id, GIT_ID_LEN);
    item->id[GIT_ID_LEN] = '\0';
    return 0;
}

void refs_release(struct refs *refs)
{
    for (size_t i = 0; i < refs->count; i++)
        free(refs->items[i].name);
    free(refs->items);
    *refs = (struct refs){0};
}

bool refs_is_id(const char *text)
{
    size_t n = 0;
    while (percent_digit(text[n]) >= 0)
        n++;
    return n == GIT_ID_LEN && !text[n];
}

static const struct ref_name *find(const struct refs *refs, const char *before, const char *name)
{
    size_t len = strlen(before);
    for (size_t i = 0; i < refs->count; i++)
        if (strncmp(refs->items[i].name, before, len) == 0 &&
            strcmp(refs->items[i].name + len, name) == 0)
            return &refs->items[i];
    return NULL;
}

/* The part that a user would write; NULL for a name that is neither a branch nor a tag. */
static const char *short_name(const struct ref_name *ref)
{
    if (strncmp(ref->name, "refs/tags/", 10) == 0)
        return ref->name + 10;
    return strncmp(ref->name, "refs/heads/", 11) == 0 ? ref->name + 11 : NULL;
}

/* Is one a part of the other, or do they begin alike? "v1.2" and "1.3" do. */
static bool resembles(const char *name, const char *wanted)
{
    wanted += (wanted[0] == 'v' || wanted[0] == 'V') && wanted[1];
    name += (name[0] == 'v' || name[0] == 'V') && name[1];
    size_t alike = 0;
    while (name[alike] && name[alike] == wanted[alike])
        alike++;
    return 2 * alike >= strlen(wanted) || strcasestr(name, wanted) || strcasestr(wanted, name);
}

/* Adds those that resemble `wanted`; NULL: any. The newest versions come last in the list. */
static void add_similar(const struct refs *refs, const char *wanted, struct buf *out)
{
    size_t n = 0;
    for (size_t i = refs->count; i-- > 0 && n < SIMILAR_MAX;) {
        const char *name = short_name(&refs->items[i]);
        if (name && (!wanted || resembles(name, wanted)))
            buf_printf(out, "%s%.100s", n++ ? ", " : "", name);
    }
}

static int not_there(const struct refs *refs, const char *wanted, struct err *err)
{
    AUTO(buf_release) struct buf names = BUF_INIT(1024);
    add_similar(refs, wanted, &names);
    bool similar = names.len;
    if (!similar)
        add_similar(refs, NULL, &names);
    if (!names.len)
        return err_set(err, ERR_NOT_FOUND, "the repository is empty: it has no branch and no tag");
    if (!wanted)
        return err_set(err, ERR_NOT_FOUND,
                       "the repository has no default branch: name one behind \"#\": %s",
                       buf_text(&names));
    return err_set(
        err, ERR_NOT_FOUND,
        "the repository has no branch or tag \"%.100s\": %s %s; a commit is named by all "
        "%d digits of its id",
        wanted, similar ? "similar are" : "there are", buf_text(&names), GIT_ID_LEN);
}

int refs_choose(const struct refs *refs, const char *wanted, const struct ref_name **out,
                struct err *err)
{
    static const char *const before[] = {"", "refs/", "refs/tags/", "refs/heads/"};
    const struct ref_name *found = NULL;
    if (wanted && refs_is_id(wanted)) {
        for (size_t i = 0; i < refs->count && !found; i++)
            if (strcasecmp(refs->items[i].id, wanted) == 0)
                found = &refs->items[i];
        *out = found;
        return 0;
    }
    for (size_t i = 0; i < COUNT(before) && !found; i++)
        found = find(refs, before[i], wanted ? wanted : "HEAD");
    if (!found)
        return not_there(refs, wanted, err);
    *out = found;
    return 0;
}
