#include "module/producers.h"

#include <stdlib.h>

#include "base/mem.h"
#include "module/custom.h"

#define FIELD_BYTES 2 /* the fewest bytes of an entry */
#define PRODUCER_BYTES 2
#define FEATURE_BYTES 2

static void read_producer(struct reader *reader, struct module_producers *out, const char *field)
{
    AUTO_FREE char *name = reader_name(reader);
    AUTO_FREE char *version = reader_name(reader);
    if (reader_failed(reader) || out->count >= PRODUCERS_MAX)
        return;
    out->items = mem_grow(out->items, out->count, sizeof(*out->items));
    out->items[out->count++] = (struct module_producer){
        .field = mem_dup(field), .name = STEAL(name), .version = STEAL(version)};
}

static void read_field(struct reader *reader, struct module_producers *out)
{
    AUTO_FREE char *field = reader_name(reader);
    uint32_t count = reader_count(reader, "producers", PRODUCER_BYTES, UINT32_MAX);
    for (uint32_t i = 0; i < count && !reader_failed(reader); i++)
        read_producer(reader, out, field);
}

static int read_producers(int fd, const struct module *module, struct module_producers *out,
                          struct err *err)
{
    struct reader reader;
    if (custom_open(&reader, fd, module, "producers", err)) {
        uint32_t count = reader_count(&reader, "fields", FIELD_BYTES, UINT32_MAX);
        for (uint32_t i = 0; i < count && !reader_failed(&reader); i++)
            read_field(&reader, out);
    }
    return custom_close(&reader);
}

static void read_feature(struct reader *reader, struct module_producers *out)
{
    uint8_t sign = reader_byte(reader);
    if (sign != '+' && sign != '-' && sign != '=')
        reader_damaged(reader, reader->at, "unknown sign of a feature");
    AUTO_FREE char *name = reader_name(reader);
    if (reader_failed(reader) || out->feature_count >= PRODUCERS_MAX)
        return;
    out->features = mem_grow(out->features, out->feature_count, sizeof(*out->features));
    out->features[out->feature_count++] = mem_printf("%c%s", sign, name);
}

static int read_features(int fd, const struct module *module, struct module_producers *out,
                         struct err *err)
{
    struct reader reader;
    if (custom_open(&reader, fd, module, "target_features", err)) {
        uint32_t count = reader_count(&reader, "features", FEATURE_BYTES, UINT32_MAX);
        for (uint32_t i = 0; i < count && !reader_failed(&reader); i++)
            read_feature(&reader, out);
    }
    return custom_close(&reader);
}

int module_producers_read(int fd, const struct module *module, struct module_producers *out,
                          struct err *err)
{
    AUTO(module_producers_release) struct module_producers producers = {0};
    int rc = read_producers(fd, module, &producers, err);
    if (!rc)
        rc = read_features(fd, module, &producers, err);
    if (rc)
        return rc;
    *out = producers;
    producers = (struct module_producers){0};
    return 0;
}

void module_producers_release(struct module_producers *producers)
{
    for (size_t i = 0; i < producers->count; i++) {
        free(producers->items[i].field);
        free(producers->items[i].name);
        free(producers->items[i].version);
    }
    for (size_t i = 0; i < producers->feature_count; i++)
        free(producers->features[i]);
    free(producers->items);
    free(producers->features);
    *producers = (struct module_producers){0};
}
