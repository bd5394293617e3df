/* A request to the filters, and what is expected of it: what --check and --test files come to. */
#ifndef WASME_CMD_RUN_TRIAL_H
#define WASME_CMD_RUN_TRIAL_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/texts.h"
#include "cmd/run_limits.h"

/* What is looked at. */
enum trial_place {
    TRIAL_REQUEST,       /* the request as the server behind the filters got it */
    TRIAL_REQUEST_BODY,  /* its body */
    TRIAL_RESPONSE,      /* the response as the client got it */
    TRIAL_RESPONSE_BODY, /* its body */
    TRIAL_LOG,           /* a line that a filter logged since the request began */
    TRIAL_START_LOG,     /* a line that a filter logged when it started */
};

enum trial_match {
    TRIAL_EQUALS,   /* the text */
    TRIAL_MATCHES,  /* the whole of it, a regular expression */
    TRIAL_CONTAINS, /* the text */
    TRIAL_FINDS,    /* a part of it, a regular expression */
    TRIAL_FIELD,    /* a field has the value; values of fields of one name have ", " between them */
    TRIAL_HAS,      /* a field is there */
    TRIAL_PASSED,   /* the request came to the server behind */
    TRIAL_SUCCESS,  /* the status is 200 to 399 */
};

/* Headers are matched as lines: ":status: 200", ":path: /", "name: value". */
struct trial_expectation {
    enum trial_place place;
    enum trial_match match;
    bool invert; /* nothing may match */
    char *key;   /* of a field */
    char *text;
    size_t len;              /* of the text */
    struct pattern *pattern; /* of TRIAL_MATCHES and TRIAL_FINDS */
};

struct trial {
    char *name;
    char *method, *target, *authority; /* authority: NULL: Envoy's own address */
    bool method_given;                 /* so a body does not make a POST of a GET */
    struct texts fields;               /* "name: value" */
    struct buf body;
    bool answers; /* the server behind answers with the next three */
    int status;
    struct texts answer_fields;
    struct buf answer_body;
    struct trial_expectation *expected;
    size_t count;
};
void trial_init(struct trial *trial);
void trial_release(struct trial *trial); /* usable with AUTO() */

/* Replaces a text of the trial by a copy of the value. */
void trial_set(char **text, const char *value);
/* Takes the host and the target of "http://HOST/PATH"; false: the text is no such URL. */
bool trial_take_url(struct trial *trial, const char *url);
/* Whether the request, and the answer of the server behind, can be written as HTTP/1.1 without
 * becoming another one. ERR_USAGE names the part that is no such part. */
int trial_check(const struct trial *trial, struct err *err);

struct trials {
    struct trial *items;
    size_t count;
};
struct trial *trials_add(struct trials *trials); /* lent, until the next one is added */
void trials_release(struct trials *trials);      /* usable with AUTO() */

/* Adds an expectation; `key` and `text` are copied, and may be NULL. ERR_USAGE: the text is to be a
 * regular expression and is none (pattern.h). */
int trial_expect(struct trial *trial, enum trial_place place, enum trial_match match, bool invert,
                 const char *key, const char *text, struct err *err);

/* The same for bytes, which may have NULs: TRIAL_EQUALS or TRIAL_CONTAINS. */
void trial_expect_bytes(struct trial *trial, enum trial_place place, enum trial_match match,
                        bool invert, const struct buf *bytes);

/* What came, as lines and texts. */
struct trial_facts {
    bool passed;
    int status;
    struct texts request, response;
    struct buf request_body, response_body;
    const struct texts *log;       /* lent */
    const struct texts *start_log; /* lent */
};
void trial_facts_release(struct trial_facts *facts); /* usable with AUTO() */

/* Whether the expectation is met. A regular expression that takes too much is not, nor is its
 * opposite. */
bool trial_is_met(const struct trial_expectation *one, const struct trial_facts *facts);
/* "expected ..., but ...": for people, of one line or several. The caller frees the text. */
char *trial_complaint(const struct trial_expectation *one, const struct trial_facts *facts);

#endif
