/* Reading YAML; yaml.c writes it. */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/libyaml.h"
#include "base/mem.h"
#include "base/yaml.h"

static int next_event(yaml_parser_t *parser, yaml_event_t *event, struct err *err)
{
    if (lib_parser_parse(parser, event))
        return 0;
    return err_set(err, ERR_DAMAGED, "line %zu: %s", parser->problem_mark.line + 1,
                   parser->problem ? parser->problem : "the text cannot be read");
}

static int refuse(const yaml_event_t *event, const char *why, struct err *err)
{
    return err_set(err, ERR_DAMAGED, "line %zu: %s", event->start_mark.line + 1, why);
}

static int read_value(yaml_parser_t *parser, yaml_event_t *event, int depth, struct json_t **out,
                      struct err *err);

static int read_scalar(const yaml_event_t *event, struct json_t **out, struct err *err)
{
    const char *text = (const char *)event->data.scalar.value;
    if (strlen(text) != event->data.scalar.length)
        return refuse(event, "a text has a NUL", err);
    *out = json_of_text(text);
    return 0;
}

/* Reads the next event and the value that begins with it. */
static int read_next(yaml_parser_t *parser, int depth, yaml_event_type_t end, struct json_t **out,
                     struct err *err)
{
    yaml_event_t event;
    int rc = next_event(parser, &event, err);
    if (rc)
        return rc;
    if (event.type != end)
        rc = read_value(parser, &event, depth + 1, out, err);
    lib_event_delete(&event);
    return rc;
}

static int read_sequence(yaml_parser_t *parser, int depth, struct json_t **out, struct err *err)
{
    AUTO(json_doc_free_at) struct json_t *array = json_new_arr();
    for (;;) {
        struct json_t *item = NULL;
        int rc = read_next(parser, depth, YAML_SEQUENCE_END_EVENT, &item, err);
        if (rc)
            return rc;
        if (!item)
            break;
        json_append(array, item);
    }
    *out = STEAL(array);
    return 0;
}

static int read_mapping(yaml_parser_t *parser, const yaml_event_t *start, int depth,
                        struct json_t **out, struct err *err)
{
    AUTO(json_doc_free_at) struct json_t *object = json_new_obj();
    for (;;) {
        AUTO(json_doc_free_at) struct json_t *key = NULL;
        struct json_t *value = NULL;
        int rc = read_next(parser, depth, YAML_MAPPING_END_EVENT, &key, err);
        if (rc)
            return rc;
        if (!key)
            break;
        const char *name = json_text(key);
        if (!name)
            return refuse(start, "a key of this mapping is no text", err);
        if (json_member(object, name))
            return err_set(err, ERR_DAMAGED, "line %zu: the key \"%s\" is there twice",
                           start->start_mark.line + 1, name);
        rc = read_next(parser, depth, YAML_NO_EVENT, &value, err);
        if (rc)
            return rc;
        json_put(object, name, value);
    }
    *out = STEAL(object);
    return 0;
}

/* NOLINTNEXTLINE(misc-no-recursion): YAML_DEPTH_MAX deep */
static int read_value(yaml_parser_t *parser, yaml_event_t *event, int depth, struct json_t **out,
                      struct err *err)
{
    if (depth > YAML_DEPTH_MAX)
        return refuse(event, "the values are nested too deeply", err);
    switch (event->type) {
    case YAML_SCALAR_EVENT:
        return read_scalar(event, out, err);
    case YAML_SEQUENCE_START_EVENT:
        return read_sequence(parser, depth, out, err);
    case YAML_MAPPING_START_EVENT:
        return read_mapping(parser, event, depth, out, err);
    case YAML_ALIAS_EVENT:
        return refuse(event, "an alias (*NAME) is not read: write the value itself", err);
    default:
        return refuse(event, "a value is missing", err);
    }
}

/* Passes over the beginnings of the stream and the document. */
static int read_document(yaml_parser_t *parser, struct json_t **out, struct err *err)
{
    for (bool begun = false;;) {
        yaml_event_t event;
        int rc = next_event(parser, &event, err);
        if (rc)
            return rc;
        yaml_event_type_t type = event.type;
        if (type == YAML_STREAM_END_EVENT)
            rc = begun ? 0 : err_set(err, ERR_DAMAGED, "it is empty");
        else if (type == YAML_DOCUMENT_START_EVENT && begun)
            rc = refuse(&event, "there is a second document", err);
        else if (type != YAML_STREAM_START_EVENT && type != YAML_DOCUMENT_START_EVENT &&
                 type != YAML_DOCUMENT_END_EVENT)
            rc = read_value(parser, &event, 0, out, err);
        begun |= *out != NULL;
        lib_event_delete(&event);
        if (rc || type == YAML_STREAM_END_EVENT)
            return rc;
    }
}

/* --- Surrogates of JSON --- */

/* The number in "\uXXXX" when that is from `first` on, and one of 1024; otherwise -1. */
static long half_at(const char *at, const char *end, long first)
{
    char digits[5] = {0};
    if (end - at < 6 || at[0] != '\\' || at[1] != 'u')
        return -1;
    memcpy(digits, at + 2, 4);
    char *stop = NULL;
    long code = strtol(digits, &stop, 16);
    return !*stop && code >= first && code < first + 1024 ? code - first : -1;
}

/* JSON writes a character above U+FFFF as two escapes, and YAML as "\UXXXXXXXX". The text is JSON:
 * backslashes are within quotes alone. */
static void write_characters(const char *at, size_t len, struct buf *out)
{
    const char *end = at + len;
    while (at < end) {
        long high = half_at(at, end, 0xd800);
        long low = high < 0 ? -1 : half_at(at + 6, end, 0xdc00);
        size_t took = low >= 0 ? 12 : *at == '\\' && end - at > 1 ? 2 : 1;
        if (low >= 0)
            buf_printf(out, "\\U%08lx", 0x10000 + high * 1024 + low);
        else
            buf_add(out, at, took);
        at += took;
    }
}

/* --- The whole --- */

static int read_text(const char *text, size_t len, struct json_t **out, struct err *err)
{
    AUTO(json_doc_free_at) struct json_t *doc = NULL;
    yaml_parser_t parser;
    if (!lib_parser_initialize(&parser))
        return err_set(err, ERR_FAILED, "libyaml has no memory");
    lib_parser_set_input_string(&parser, (const unsigned char *)text, len);
    int rc = read_document(&parser, &doc, err);
    lib_parser_delete(&parser);
    if (!rc)
        *out = STEAL(doc);
    return rc;
}

int yaml_read(const char *text, size_t len, struct json_t **out, struct err *err)
{
    AUTO(json_doc_free_at) struct json_t *json = NULL;
    AUTO(err_release) struct err fault = ERR_INIT;
    int rc = libyaml_load(&fault);
    if (!rc)
        rc = read_text(text, len, out, &fault);
    if (rc != ERR_DAMAGED || !memmem(text, len, "\\u", 2) ||
        json_doc_parse(text, len, &json, ERR_IGNORED) != 0)
        return err_move(err, &fault);
    AUTO(buf_release) struct buf plain = BUF_INIT(len + 1);
    write_characters(text, len, &plain);
    return read_text(buf_text(&plain), plain.len, out, err);
}
