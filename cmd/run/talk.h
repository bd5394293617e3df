/* What Envoy and the filters say: shown on standard error, and kept for checks. */
#ifndef WASME_CMD_RUN_TALK_H
#define WASME_CMD_RUN_TALK_H

#include <stdbool.h>

#include "base/texts.h"
#include "cmd/run/envoy_log.h"

/* What is kept of filters' lines between two talk_forget(). */
enum { TALK_LINES_MAX = 100000, TALK_BYTES_MAX = 64 * 1024 * 1024 };

struct talk {
    enum envoy_level level; /* of filters' lines: those below are not shown */
    bool keeps;             /* the lines of filters are kept in `lines` */
    struct texts lines;
    size_t bytes;  /* of the lines */
    char *fault;   /* owned; the first error of Envoy since talk_forget(); or NULL */
    bool lacks_v8; /* Envoy said so */
};
void talk_release(struct talk *talk);
/* Forgets the lines and the fault. */
void talk_forget(struct talk *talk);
/* Takes a record: the `take` of struct envoy_log, whose `arg` is the talk. */
void talk_take(void *talk, const struct envoy_record *record);

#endif
