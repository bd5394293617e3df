/* What the readers of a test share: the phase, and its lists and members. */
#ifndef WASME_CMD_RUN_SUITE_PART_H
#define WASME_CMD_RUN_SUITE_PART_H

#include "base/json.h"
#include "cmd/run/trial.h"

/* A phase of a test. */
struct phase {
    struct trial *trial;
    const char *folder;
    const char *name;
    bool response; /* it is of the response */
    bool body;
    bool log_only;          /* only log lines are expected of it */
    bool several;           /* bodies are given: each is a part */
    enum trial_place place; /* of what is expected, without "immediate" */
    bool immediate;
    struct err *err;
};

/* Whether the member's name is that of the proto, or its lowerCamelCase. */
bool suite_is_name(const char *key, const char *name);
/* The path, from the folder ("" or with a slash at its end) unless it is absolute. The caller frees
 * it. */
char *suite_path(const char *folder, const char *path);

/* Error: "PHASE.WITHIN.KEY is not known". */
int suite_unknown(const struct phase *phase, const char *within, const char *key);
/* Reads a file that the test names. */
int suite_file(const struct phase *phase, const char *path, struct buf *out);
/* Calls `each` for the members of the value, which has to be an object: `what` names it. */
int suite_members(struct phase *phase, const char *what, const struct json_t *value,
                  int (*each)(void *phase, const char *key, const struct json_t *value));
/* Calls `each` for the items of the value, which has to be a list of objects. */
int suite_items(struct phase *phase, const char *what, const struct json_t *value,
                int (*each)(struct phase *phase, const struct json_t *item));
/* Reads a Header, {key: NAME, value: TEXT}; the texts are lent, and the value may be NULL. */
int suite_header(struct phase *phase, const char *what, const struct json_t *item, const char **key,
                 const char **value);

#endif
