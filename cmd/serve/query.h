/* What the query and the fields of a request ask of a page. */
#ifndef WASME_CMD_SERVE_QUERY_H
#define WASME_CMD_SERVE_QUERY_H

#include <stdbool.h>
#include <stddef.h>

#include "server/request.h"

/* A parameter of a request, read as far as it can be: see percent_param(). */
char *query_value(const char *query, const char *name);

/* What is searched for: each word has to be in one of the texts. */
#define SEARCH_WORDS_MAX 16
struct page_search {
    char *text; /* owned; as given; NULL: nothing is searched for */
    char *words[SEARCH_WORDS_MAX];
    size_t count;
    char *memory; /* owned; of the words */
};
/* Reads the query's `q`. Only the first SEARCH_WORDS_MAX words count. */
void page_search_read(const struct server_request *request, struct page_search *out);
void page_search_release(struct page_search *search); /* usable with AUTO() */
/* Whether all words are in the texts, which end with NULL; case does not count in ASCII. */
bool page_search_finds(const struct page_search *search, const char *const *texts);

/* Whether the client prefers JSON to a page: application/json is in Accept, with no lower quality
 * than text/html (RFC 9110, section 12.5.1). */
bool query_wants_json(const char *accept);

#endif
