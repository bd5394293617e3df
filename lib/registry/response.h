/* Keeps the parts of a response that are used later, and puts a refusal into words. */
#ifndef WASME_REGISTRY_RESPONSE_H
#define WASME_REGISTRY_RESPONSE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"

#define RESPONSE_HEAD_MAX (64 * 1024) /* bytes of all field lines; more cuts the exchange */
#define RESPONSE_FIELD_MAX 8192       /* bytes of a field that is kept; a longer field is dropped */
#define RESPONSE_WORDS_MAX 2048       /* bytes of a refusal's words, as people see them */
#define RESPONSE_CODE_MAX 64 /* bytes of an error code, with the NUL; a longer code is cut */
#define RESPONSE_REFUSAL_MAX (64 * 1024) /* bytes of an error's body; the rest is not read */

struct response {
    int status; /* 0: none yet */
    char reason[64];
    size_t head_len;
    char *content_type; /* owned, as the next members; NULL: the field is not there */
    char *location;
    char *retry_after;
    char *content_digest;
    char *etag;
    char *content_range;
    char *link; /* several fields are joined by commas */
    char *total_count;
    char *date;
    long long content_length; /* -1: not known */
    bool versioned;           /* Docker-Distribution-Api-Version is there */
    struct buf challenges;    /* values of WWW-Authenticate, each ended by a newline */
    struct buf refusal;       /* the body of a refusal, or one that no sink takes */
};

void response_clear(struct response *response); /* makes it as new, for the next try */
void response_release(struct response *response);
bool response_is_success(const struct response *response); /* a status of 2xx */
/* Takes a line of the head; a status line begins a new response. False: the head is too long. */
bool response_take_head(struct response *response, const char *line, size_t len);
/* Takes a part of a refusal's body, or of a body that no sink takes. False: the rest is not
 * needed. */
bool response_take_refusal(struct response *response, const char *data, size_t len);

/*
 * Fills `err` with "STATUS REASON: words of the registry", and returns the code. The words are cut
 * to size and cleaned of control characters. The code follows the status: ERR_NOT_FOUND for 404,
 * ERR_DENIED for 401 and 403, ERR_TRANSIENT when another try may help, otherwise ERR_FAILED.
 */
int response_refusal(const struct response *response, struct err *err);
/* Adds the registry's words in a refusal, as above; nothing when the body is a web page. */
void response_words(const struct response *response, struct buf *words);
/* Does the Content-Type say that the body is a web page? */
bool response_is_html(const struct response *response);
/* Does the text begin like a web page, or like another document of tags? */
bool text_is_page(const char *text);
/* Writes the first error code of a refusal to `out`, "" when there is none. False: the body is not
 * a registry's, but a web page or another text. An empty body may be a registry's. */
bool response_code(const struct response *response, char out[RESPONSE_CODE_MAX]);

#endif
