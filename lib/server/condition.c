#include "server/condition.h"

#include <string.h>

#include "server/date.h"

/* Reads the tag at the start of `text`; returns the text after the closing quote, or NULL without a
 * tag. */
static const char *take_tag(const char *text, bool *weak, const char **tag, size_t *len)
{
    *weak = strncmp(text, "W/", 2) == 0;
    if (*weak)
        text += 2;
    if (*text != '"')
        return NULL;
    *tag = text + 1;
    *len = strcspn(*tag, "\"");
    return (*tag)[*len] ? *tag + *len + 1 : NULL;
}

static bool tag_equal(const char *tag, size_t len, const char *etag)
{
    return *etag && strlen(etag) == len && memcmp(tag, etag, len) == 0;
}

/* Whether the list has the tag; a malformed list is read up to its fault. */
static bool is_listed(const char *list, const char *etag, bool weak_counts)
{
    if (strcmp(list, "*") == 0)
        return true;
    for (;;) {
        bool weak;
        const char *tag;
        size_t len;
        list = take_tag(list + strspn(list, " \t,"), &weak, &tag, &len);
        if (!list)
            return false;
        if (tag_equal(tag, len, etag) && (weak_counts || !weak))
            return true;
    }
}

/* Whether the time of modification is not after the date in the field. *comparable: the field holds
 * a date, and the time is known. */
static bool not_after(const char *field, time_t modified, bool *comparable)
{
    time_t date;
    *comparable = field && modified && http_date_parse(field, &date);
    return *comparable && modified <= date;
}

int condition_check(const struct server_request *request, const char *etag, time_t modified)
{
    bool comparable;
    if (request->if_match) {
        if (!is_listed(request->if_match, etag, false))
            return 412;
    } else if (!not_after(request->if_unmodified_since, modified, &comparable) && comparable) {
        return 412;
    }
    if (request->if_none_match)
        return is_listed(request->if_none_match, etag, true) ? 304 : 0;
    return not_after(request->if_modified_since, modified, &comparable) ? 304 : 0;
}

bool condition_range_counts(const struct server_request *request, const char *etag, time_t modified,
                            time_t now)
{
    const char *field = request->if_range;
    bool weak;
    const char *tag;
    size_t len;
    time_t date;
    if (!field)
        return true;
    const char *rest = take_tag(field, &weak, &tag, &len);
    if (rest)
        return !*rest && !weak && tag_equal(tag, len, etag);
    return modified && modified < now - 1 && http_date_parse(field, &date) && date == modified;
}
