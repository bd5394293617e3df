/* What is kept of a response, and how a refusal is put into words. */
#ifndef WASME_REGISTRY_RESPONSE_H
#define WASME_REGISTRY_RESPONSE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"

#define RESPONSE_HEAD_MAX (64 * 1024)    /* bytes of all field lines; more cuts the exchange */
#define RESPONSE_FIELD_MAX 8192          /* bytes of a field that is kept; a longer one is not */
#define RESPONSE_WORDS_MAX 2048          /* bytes of a refusal's words, as people are shown them */
#define RESPONSE_CODE_MAX 64             /* of an error code, with the end; a longer one is cut */
#define RESPONSE_REFUSAL_MAX (64 * 1024) /* bytes of an error's body; the rest is not read */

struct response {
    int status; /* 0: none yet */
    char reason[64];
    size_t head_len;
    char *content_type; /* owned, as the next ones; NULL: not there */
    char *location;
    char *retry_after;
    char *content_digest;
    char *content_range;
    char *link; /* of several fields, with commas between */
    char *total_count;
    char *date;
    long long content_length; /* -1: not said */
    bool versioned;           /* Docker-Distribution-Api-Version is there */
    struct buf challenges;    /* values of WWW-Authenticate, each ended by a newline */
    struct buf refusal;       /* the body, when the status is not of success or nobody takes it */
};

void response_clear(struct response *response); /* as new, for the next try */
void response_release(struct response *response);
/* A line of the head; a status line starts the response anew. False: too much. */
bool response_take_head(struct response *response, const char *line, size_t len);
/* A part of a refusal's body, or of one that nobody takes. False: enough of it. */
bool response_take_refusal(struct response *response, const char *data, size_t len);

/*
 * Fills `err` with "STATUS REASON: what the registry says", its words cut to size and without
 * anything that a terminal would obey. The code is by the status: 404 ERR_NOT_FOUND, 401 and 403
 * ERR_DENIED, what a retry may cure ERR_TRANSIENT, otherwise ERR_FAILED. Returns it.
 */
int response_refusal(const struct response *response, struct err *err);
/* What the registry says in a refusal, as above; nothing where that is a page. */
void response_words(const struct response *response, struct buf *words);
/* Is the body called a web page? */
bool response_is_html(const struct response *response);
/* Does the text begin as a web page, or as another document of that kind? */
bool text_is_page(const char *text);
/* The first error code of a registry's refusal in `out`, "" when it names none. False: those are
 * not the words of a registry, but a page, or a text of something else; nothing at all may be. */
bool response_code(const struct response *response, char out[RESPONSE_CODE_MAX]);

#endif
