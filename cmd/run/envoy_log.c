#include "cmd/run/envoy_log.h"

#include <string.h>

#include "base/mem.h"

#define BEGIN '\x1e'
#define BETWEEN '\x1f'

static const char *const level_names[] = {"trace", "debug",    "info", "warning",
                                          "error", "critical", "off"};
static const char level_letters[] = "TDIWEC";

const char *envoy_level_listed(size_t at)
{
    return at < COUNT(level_names) ? level_names[at] : NULL;
}

int envoy_level_parse(const char *text, enum envoy_level *out, struct err *err)
{
    for (size_t i = 0; i < COUNT(level_names); i++) {
        if (strcmp(text, level_names[i]) != 0)
            continue;
        *out = (enum envoy_level)i;
        return 0;
    }
    return err_set(err, ERR_USAGE, "there is no level \"%.40s\"", text);
}

void envoy_log_init(struct envoy_log *log,
                    void (*take)(void *arg, const struct envoy_record *record), void *arg)
{
    *log = (struct envoy_log){.take = take, .arg = arg, .pending = BUF_INIT(ENVOY_RECORD_MAX)};
}

void envoy_log_release(struct envoy_log *log)
{
    buf_release(&log->pending);
}

/* Takes what Envoy puts in front of a filter's words: "wasm log NAME ROOT_ID VM_ID: ". */
static void take_filter(char *text, struct envoy_record *record)
{
    static const char start[] = "wasm log";
    size_t len = sizeof(start) - 1;
    if (strcmp(record->component, "wasm") != 0 || strncmp(text, start, len) != 0)
        return;
    char *colon = strstr(text + len, ": ");
    if (!colon || (text[len] != ' ' && text[len] != ':'))
        return;
    *colon = '\0';
    record->filter = text + len + (text[len] == ' ');
    record->text = colon + 2;
}

/* Reads the record in place: level, component, text. */
static void read_record(char *text, struct envoy_record *record)
{
    char *name = strchr(text, BETWEEN);
    char *words = name ? strchr(name + 1, BETWEEN) : NULL;
    const char *letter = *text == BEGIN && text[1] ? strchr(level_letters, text[1]) : NULL;
    *record = (struct envoy_record){.level = ENVOY_INFO, .component = "", .text = text};
    if (!words || !letter)
        return;
    *words = '\0';
    record->level = (enum envoy_level)(letter - level_letters);
    record->component = name + 1;
    record->text = words + 1;
    take_filter(words + 1, record);
}

static void give(struct envoy_log *log)
{
    struct buf *pending = &log->pending;
    struct envoy_record record;
    while (pending->len && pending->data[pending->len - 1] == '\n')
        pending->data[--pending->len] = '\0';
    if (pending->len) {
        for (size_t i = 0; i < pending->len; i++)
            if (!pending->data[i])
                pending->data[i] = ' ';
        read_record(pending->data, &record);
        log->take(log->arg, &record);
    }
    buf_clear(pending);
}

void envoy_log_add(struct envoy_log *log, const char *data, size_t len)
{
    while (len) {
        if (*data == BEGIN)
            give(log);
        const char *next = memchr(data + 1, BEGIN, len - 1);
        size_t part = next ? (size_t)(next - data) : len;
        size_t room = log->pending.max - log->pending.len;
        buf_add(&log->pending, data, part < room ? part : room);
        data += part;
        len -= part;
    }
}

void envoy_log_pause(struct envoy_log *log)
{
    if (log->pending.len && log->pending.data[log->pending.len - 1] == '\n')
        give(log);
}

void envoy_log_end(struct envoy_log *log)
{
    give(log);
}

bool envoy_record_is_noise(const struct envoy_record *record)
{
    static const char *const noise[] = {
        "There is no configured limit to the number of allowed active downstream connections",
        "caught ENVOY_SIGTERM",
        /* Words about the reason stand before these. */
        "error `Unable to create Wasm plugin",
        "Unable to create Wasm plugin",
    };
    /* Of a crash, the first line says enough. */
    if (strcmp(record->component, "backtrace") == 0)
        return strncmp(record->text, "Caught ", 7) != 0;
    for (size_t i = 0; i < COUNT(noise); i++)
        if (strncmp(record->text, noise[i], strlen(noise[i])) == 0)
            return true;
    return false;
}

bool envoy_record_lacks_v8(const struct envoy_record *record)
{
    return strncmp(record->text, "Failed to create Wasm VM using envoy.wasm.runtime.v8", 52) == 0 &&
           strstr(record->text, "compiled without support");
}
