/* Writing YAML; yaml_read.c reads it. */
#include "base/yaml.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/libyaml.h"
#include "base/mem.h"

/* An emitter and its fate: after a failure, nothing more is emitted. */
struct writing {
    yaml_emitter_t emitter;
    bool failed;
    struct buf *out;
    bool escape; /* the last byte was the backslash of an escape */
};

/* libyaml writes U+0085 as "\N", which Envoy's reader takes for a byte and not for a character
 * (jbeder/yaml-cpp, src/exp.cpp, Escape()). A backslash stands only in double quotes, see
 * style_of(). */
static int take_output(void *arg, unsigned char *data, size_t len)
{
    struct writing *writing = arg;
    for (size_t i = 0; i < len; i++) {
        if (writing->escape && data[i] == 'N')
            buf_add_text(writing->out, "x85");
        else
            buf_add_char(writing->out, (char)data[i]);
        writing->escape = !writing->escape && data[i] == '\\';
    }
    return 1;
}

/* Emits the event that was `made`; the emitter takes it over. */
static void emit(struct writing *writing, int made, yaml_event_t *event)
{
    writing->failed |= !made;
    if (made && !lib_emitter_emit(&writing->emitter, event))
        writing->failed = true;
}

/* Words that YAML 1.1 or 1.2 reads as something else than text (yaml.org/type/bool.html and
 * null.html, and section 10.3 of YAML 1.2). */
static bool is_word_of_yaml(const char *text)
{
    static const char *const words[] = {"y",   "n",    "yes",  "no",   "on",
                                        "off", "null", "true", "false"};
    for (size_t i = 0; i < COUNT(words); i++)
        if (strcasecmp(text, words[i]) == 0)
            return true;
    return false;
}

/* Whether the text can stand without quotes: it begins with a letter or '/', so that no reader
 * takes it for a number or a date, and has nothing that steers YAML. */
static bool is_plain(const char *text)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    static const char others[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                 "0123456789_-./";
    if (!*text || (!strchr(letters, *text) && *text != '/' && *text != '_'))
        return false;
    const char *at = text + strspn(text, others);
    /* A colon steers only at the end and before a space. */
    while (*at == ':' && at[1])
        at += 1 + strspn(at + 1, others);
    return !*at && !is_word_of_yaml(text);
}

static yaml_scalar_style_t style_of(const char *text)
{
    if (is_plain(text))
        return YAML_PLAIN_SCALAR_STYLE;
    for (const unsigned char *at = (const unsigned char *)text; *at; at++)
        if (*at < ' ' || *at > '~' || *at == '\\')
            return YAML_DOUBLE_QUOTED_SCALAR_STYLE;
    return YAML_SINGLE_QUOTED_SCALAR_STYLE;
}

static void write_scalar(struct writing *writing, const char *text, yaml_scalar_style_t style)
{
    yaml_event_t event;
    size_t len = strlen(text);
    if (len > INT_MAX) {
        writing->failed = true;
        return;
    }
    /* libyaml reads the text, and its type has no const. */
    yaml_char_t *copy = (yaml_char_t *)mem_dup(text);
    emit(writing, lib_scalar_event_initialize(&event, NULL, NULL, copy, (int)len, 1, 1, style),
         &event);
    free(copy);
}

static void write_value(struct writing *writing, const struct json_t *value);

static int write_member(void *arg, const char *key, const struct json_t *value)
{
    struct writing *writing = arg;
    write_scalar(writing, key, style_of(key));
    write_value(writing, value);
    return 0;
}

/* An empty collection is written as {} and [] in any style. */
static void write_object(struct writing *writing, const struct json_t *value)
{
    yaml_event_t event;
    emit(writing,
         lib_mapping_start_event_initialize(&event, NULL, NULL, 1, YAML_BLOCK_MAPPING_STYLE),
         &event);
    (void)json_each_member(value, write_member, writing);
    emit(writing, lib_mapping_end_event_initialize(&event), &event);
}

static void write_array(struct writing *writing, const struct json_t *value)
{
    yaml_event_t event;
    emit(writing,
         lib_sequence_start_event_initialize(&event, NULL, NULL, 1, YAML_BLOCK_SEQUENCE_STYLE),
         &event);
    for (size_t i = 0; i < json_arr_len(value); i++)
        write_value(writing, json_arr_at(value, i));
    emit(writing, lib_sequence_end_event_initialize(&event), &event);
}

/* The depth is that of a document which jansson has read (2,048) or that we have made. */
static void write_value(struct writing *writing, const struct json_t *value)
{
    AUTO(buf_release) struct buf scalar = BUF_INIT(64);
    if (json_is_obj(value))
        write_object(writing, value);
    else if (json_is_arr(value))
        write_array(writing, value);
    else if (json_scalar(value, &scalar))
        write_scalar(writing, buf_text(&scalar), YAML_PLAIN_SCALAR_STYLE);
    else
        write_scalar(writing, json_text(value), style_of(json_text(value)));
}

static void write_document(struct writing *writing, const struct json_t *value)
{
    yaml_event_t event;
    emit(writing, lib_stream_start_event_initialize(&event, YAML_UTF8_ENCODING), &event);
    emit(writing, lib_document_start_event_initialize(&event, NULL, NULL, NULL, 1), &event);
    write_value(writing, value);
    emit(writing, lib_document_end_event_initialize(&event, 1), &event);
    emit(writing, lib_stream_end_event_initialize(&event), &event);
}

int yaml_write(const struct json_t *value, struct buf *out, struct err *err)
{
    struct writing writing = {.out = out};
    int rc = libyaml_load(err);
    if (rc)
        return rc;
    if (!lib_emitter_initialize(&writing.emitter))
        abort();
    lib_emitter_set_output(&writing.emitter, take_output, &writing);
    lib_emitter_set_width(&writing.emitter, -1);
    lib_emitter_set_unicode(&writing.emitter, 1);
    write_document(&writing, value);
    lib_emitter_delete(&writing.emitter);
    return writing.failed ? err_set(err, ERR_FAILED, "the document cannot be written as YAML") : 0;
}
