/*
 * What Envoy logs, cut into records: the lines of filters, and Envoy's own.
 *
 * ENVOY_LOG_FORMAT is for Envoy's --log-format. A record begins with a byte that no text has by
 * accident, so that a text of several lines stays one record.
 */
#ifndef WASME_CMD_RUN_ENVOY_LOG_H
#define WASME_CMD_RUN_ENVOY_LOG_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"

#define ENVOY_LOG_FORMAT "\x1e%L\x1f%n\x1f%v"

enum { ENVOY_RECORD_MAX = 64 * 1024 }; /* bytes of a record; the rest of a longer one is dropped */

/* In Envoy's order. */
enum envoy_level {
    ENVOY_TRACE,
    ENVOY_DEBUG,
    ENVOY_INFO,
    ENVOY_WARNING,
    ENVOY_ERROR,
    ENVOY_CRITICAL,
    ENVOY_OFF,
};
/* "trace" to "off"; NULL behind the last. */
const char *envoy_level_listed(size_t at);
/* ERR_USAGE: there is no such level. */
int envoy_level_parse(const char *text, enum envoy_level *out, struct err *err);

/* Texts are lent during the call that brings them. */
struct envoy_record {
    enum envoy_level level;
    const char *component; /* "wasm", "main"; "" when the text came without a record around it */
    const char *filter;    /* of a filter's line: "NAME ROOT_ID VM_ID", or a part; otherwise NULL */
    const char *text;      /* without what stands in front of a filter's words */
};

struct envoy_log {
    void (*take)(void *arg, const struct envoy_record *record);
    void *arg;
    struct buf pending; /* owned; a record that may go on */
};
void envoy_log_init(struct envoy_log *log,
                    void (*take)(void *arg, const struct envoy_record *record), void *arg);
void envoy_log_release(struct envoy_log *log);
/* Adds bytes. A record is given on when the next one begins. */
void envoy_log_add(struct envoy_log *log, const char *data, size_t len);
/* Nothing more has come for now: gives on what is there, if it ends with a line. */
void envoy_log_pause(struct envoy_log *log);
/* Nothing more will come: gives on what is there. */
void envoy_log_end(struct envoy_log *log);

/* Whether Envoy says this of every start or end, or again, and nobody needs to know. */
bool envoy_record_is_noise(const struct envoy_record *record);
/* Whether Envoy says that it was built without the engine that runs modules. */
bool envoy_record_lacks_v8(const struct envoy_record *record);

#endif
