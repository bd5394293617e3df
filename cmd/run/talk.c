#include "cmd/run/talk.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "cmd/log.h"

void talk_release(struct talk *talk)
{
    texts_release(&talk->lines);
    free(talk->fault);
}

void talk_forget(struct talk *talk)
{
    texts_release(&talk->lines);
    talk->lines = (struct texts){0};
    talk->bytes = 0;
    free(STEAL(talk->fault));
    talk->lacks_v8 = false;
}

static void show(enum envoy_level level, const char *text, const char *key, const char *value)
{
    static const enum log_level as[] = {LOG_DEBUG, LOG_DEBUG, LOG_INFO, LOG_WARNING,
                                        LOG_ERROR, LOG_ERROR, LOG_ERROR};
    log_pairs(as[level], text, value ? key : NULL, value, NULL);
}

static void take_line(struct talk *talk, const struct envoy_record *record)
{
    AUTO_FREE char *name = mem_dup_n(record->filter, strcspn(record->filter, " "));
    size_t len = strlen(record->text);
    if (talk->keeps && talk->lines.count < TALK_LINES_MAX && talk->bytes + len <= TALK_BYTES_MAX) {
        texts_add(&talk->lines, mem_dup_n(record->text, len));
        talk->bytes += len;
    }
    if (record->level >= talk->level)
        show(record->level, record->text, "filter", *name ? name : NULL);
}

void talk_take(void *arg, const struct envoy_record *record)
{
    struct talk *talk = arg;
    if (record->filter) {
        take_line(talk, record);
        return;
    }
    bool loose = !*record->component;
    if ((!loose && record->level < ENVOY_WARNING) || envoy_record_is_noise(record))
        return;
    talk->lacks_v8 |= envoy_record_lacks_v8(record);
    if (!talk->fault && record->level >= ENVOY_ERROR)
        talk->fault = mem_dup(record->text);
    show(record->level, record->text, "envoy", loose ? NULL : record->component);
}
