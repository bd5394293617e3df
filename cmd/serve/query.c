#include "cmd/serve/query.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "base/percent.h"

char *query_value(const char *query, const char *name)
{
    return percent_param(query, name, 0, false);
}

void page_search_read(const struct server_request *request, struct page_search *out)
{
    static const char blanks[] = " \t\r\n";
    *out = (struct page_search){.text = query_value(request->query, "q")};
    if (!out->text)
        return;
    char *rest = out->memory = mem_dup(out->text), *word;
    while (out->count < SEARCH_WORDS_MAX && (word = strsep(&rest, blanks))) {
        if (*word)
            out->words[out->count++] = word;
    }
    if (!out->count)
        page_search_release(out);
}

void page_search_release(struct page_search *search)
{
    free(search->text);
    free(search->memory);
    *search = (struct page_search){0};
}

bool page_search_finds(const struct page_search *search, const char *const *texts)
{
    for (size_t i = 0; i < search->count; i++) {
        const char *const *text = texts;
        while (*text && !strcasestr(*text, search->words[i]))
            text++;
        if (!*text)
            return false;
    }
    return true;
}

/* In thousandths. A number outside of 0 to 1, which nobody may send, counts as the nearer end. */
static int to_thousandths(double quality)
{
    if (!(quality > 0)) /* nor is "nan" */
        return 0;
    return quality < 1 ? (int)(1000 * quality) : 1000;
}

/* The quality of a media type that an entry of Accept names; in thousandths, 1000 without one. */
static int quality(const char *entry, size_t len)
{
    const char *end = entry + len;
    for (const char *at = entry; (at = memchr(at, ';', (size_t)(end - at))); at++) {
        const char *value = at + 1 + strspn(at + 1, " \t");
        if (end - value > 2 && strncasecmp(value, "q=", 2) == 0)
            return to_thousandths(strtod(value + 2, NULL));
    }
    return 1000;
}

bool query_wants_json(const char *accept)
{
    int json = 0, html = 0;
    while (accept && *accept) {
        accept += strspn(accept, ", \t");
        size_t len = strcspn(accept, ","), type = strcspn(accept, ",; \t");
        if (type == strlen("application/json") &&
            strncasecmp(accept, "application/json", type) == 0)
            json = quality(accept, len);
        else if (type == strlen("text/html") && strncasecmp(accept, "text/html", type) == 0)
            html = quality(accept, len);
        accept += len;
    }
    return json > 0 && json >= html;
}
