/* The one place that knows jansson. */
#include "base/json.h"

#include <ctype.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* Editors and shells of Windows put a byte order mark before UTF-8 (RFC 8259, section 8.1: a reader
 * may ignore the mark). */
static bool has_mark(const char *text, size_t len)
{
    return len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0;
}

/* JSON begins with an ASCII character and has no NUL: when one of the first two bytes is a NUL, it
 * is the other half of that character. */
static bool is_utf16(const char *text, size_t len)
{
    return len >= 2 && (memcmp(text, "\xff\xfe", 2) == 0 || memcmp(text, "\xfe\xff", 2) == 0 ||
                        !text[0] != !text[1]);
}

static int parse(const char *text, size_t len, json_t **out, json_error_t *where, struct err *err)
{
    size_t skip = has_mark(text, len) ? 3 : 0;
    if (is_utf16(text, len))
        return err_set(err, ERR_DAMAGED,
                       "the text is UTF-16, and JSON is UTF-8: save it as UTF-8 (`iconv -f UTF-16 "
                       "-t UTF-8`; in PowerShell `-Encoding utf8`)");
    *out = json_loadb(text + skip, len - skip, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, where);
    return 0;
}

int json_doc_parse(const char *text, size_t len, struct json_t **out, struct err *err)
{
    json_error_t where;
    json_t *doc = NULL;
    int rc = parse(text, len, &doc, &where, err);
    if (!rc && !doc)
        rc = err_set(err, ERR_DAMAGED, "JSON, line %d column %d: %s", where.line, where.column,
                     where.text);
    if (!rc)
        *out = doc;
    return rc;
}

static size_t digits(const char *text)
{
    return strspn(text, "0123456789");
}

/* The length of the number that the text begins with (RFC 8259, section 6); 0: there is none. */
static size_t number_len(const char *text)
{
    size_t len = *text == '-';
    if (!digits(text + len))
        return 0;
    len += text[len] == '0' ? 1 : digits(text + len);
    if (text[len] == '.' && digits(text + len + 1))
        len += 1 + digits(text + len + 1);
    if (text[len] != 'e' && text[len] != 'E')
        return len;
    const char *power = text + len + 1;
    power += *power == '+' || *power == '-';
    return digits(power) ? (size_t)(power - text) + digits(power) : len;
}

/* The length of the number or word that the text begins with. */
static size_t word_len(const char *text)
{
    size_t len = 0;
    while (isalnum((unsigned char)text[len]) || (text[len] && strchr("+-.", text[len])))
        len++;
    return len;
}

/* Writes 1 for the numbers. */
static void mask_numbers(char *text)
{
    bool quoted = false;
    for (char *at = text; *at; at++) {
        quoted = quoted != (*at == '"');
        at += quoted && *at == '\\' && at[1];
        size_t len = quoted ? 0 : word_len(at);
        if (!len)
            continue;
        if (number_len(at) == len) {
            memset(at, ' ', len);
            *at = '1';
        }
        at += len - 1;
    }
}

bool json_doc_overflows(const char *text, size_t len)
{
    AUTO(json_doc_free_at) json_t *doc = NULL, *masked = NULL;
    if (memchr(text, '\0', len) || json_doc_parse(text, len, &doc, ERR_IGNORED) == 0)
        return false;
    AUTO_FREE char *copy = mem_dup_n(text, len);
    mask_numbers(copy);
    return json_doc_parse(copy, len, &masked, ERR_IGNORED) == 0;
}

int json_doc_parse_secret(const char *text, size_t len, struct json_t **out, struct err *err)
{
    json_error_t where;
    json_t *doc = NULL;
    int rc = parse(text, len, &doc, &where, err);
    if (!rc && !doc)
        rc = err_set(err, ERR_DAMAGED,
                     "JSON, line %d column %d is wrong (not shown, since it may be a secret)",
                     where.line, where.column);
    if (!rc)
        *out = doc;
    return rc;
}

void json_doc_free_at(struct json_t **doc)
{
    json_decref(*doc);
}

bool json_is_obj(const struct json_t *value)
{
    return json_is_object(value);
}

bool json_is_arr(const struct json_t *value)
{
    return json_is_array(value);
}

bool json_is_nul(const struct json_t *value)
{
    return json_is_null(value);
}

bool json_is_text(const struct json_t *value)
{
    return json_is_string(value);
}

bool json_is_whole(const struct json_t *value)
{
    return json_is_integer(value);
}

const struct json_t *json_member(const struct json_t *object, const char *key)
{
    return json_object_get(object, key);
}

const char *json_text(const struct json_t *value)
{
    const char *text = json_string_value(value);
    return text && strlen(text) == json_string_length(value) ? text : NULL;
}

const char *json_member_text(const struct json_t *object, const char *key)
{
    return json_text(json_member(object, key));
}

long long json_member_size(const struct json_t *object, const char *key, long long max)
{
    const json_t *value = json_member(object, key);
    if (!json_is_integer(value))
        return -1;
    json_int_t number = json_integer_value(value);
    return number >= 0 && number <= max ? number : -1;
}

size_t json_arr_len(const struct json_t *array)
{
    return json_array_size(array);
}

const struct json_t *json_arr_at(const struct json_t *array, size_t index)
{
    return json_array_get(array, index);
}

int json_each_member(const struct json_t *object,
                     int (*visit)(void *arg, const char *key, const struct json_t *value),
                     void *arg)
{
    /* jansson's iterator takes a non-const object, and does not change it. */
    union {
        const struct json_t *constant;
        json_t *plain;
    } view = {.constant = object};
    for (void *at = json_object_iter(view.plain); at; at = json_object_iter_next(view.plain, at)) {
        int rc = visit(arg, json_object_iter_key(at), json_object_iter_value(at));
        if (rc)
            return rc;
    }
    return 0;
}

static json_t *must(json_t *value)
{
    if (!value)
        abort();
    return value;
}

struct json_t *json_new_obj(void)
{
    return must(json_object());
}

struct json_t *json_obj_in(struct json_t *object, const char *key)
{
    json_t *member = json_object_get(object, key);
    if (member)
        return json_is_object(member) ? member : NULL;
    member = must(json_object());
    return json_object_set_new(object, key, member) == 0 ? member : NULL;
}

int json_set_text(struct json_t *object, const char *key, const char *text, struct err *err)
{
    if (json_object_set_new(object, key, json_string(text)) != 0)
        return err_set(err, ERR_DAMAGED, "a name or its text is not UTF-8");
    return 0;
}

void json_remove(struct json_t *object, const char *key)
{
    (void)json_object_del(object, key);
}

struct json_t *json_new_arr(void)
{
    return must(json_array());
}

struct json_t *json_of_text(const char *text)
{
    json_t *value = json_string(text);
    return value ? value : must(json_string("\xef\xbf\xbd"));
}

struct json_t *json_of_int(long long number)
{
    return must(json_integer(number));
}

struct json_t *json_of_bool(bool value)
{
    return must(json_boolean(value));
}

struct json_t *json_copy_of(const struct json_t *value)
{
    return must(json_deep_copy(value));
}

void json_put(struct json_t *object, const char *key, struct json_t *value)
{
    if (json_object_set_new(object, key, value) != 0)
        abort();
}

void json_append(struct json_t *array, struct json_t *value)
{
    if (json_array_append_new(array, value) != 0)
        abort();
}

/* 17 digits are enough for every number (IEEE 754), and make 0.10000000000000001 of 0.1. */
static void add_real(double number, struct buf *out)
{
    char text[64];
    for (int digits = 15; digits <= 17; digits++) {
        (void)snprintf(text, sizeof(text), "%.*g", digits, number);
        if (strtod(text, NULL) == number)
            break;
    }
    /* YAML 1.1 takes a number with an exponent and no point for a text. */
    size_t whole = strcspn(text, ".eE");
    buf_add(out, text, whole);
    if (text[whole] != '.')
        buf_add_text(out, ".0");
    buf_add_text(out, text + whole);
}

bool json_scalar(const struct json_t *value, struct buf *out)
{
    if (json_is_null(value))
        buf_add_text(out, "null");
    else if (json_is_boolean(value))
        buf_add_text(out, json_is_true(value) ? "true" : "false");
    else if (json_is_integer(value))
        buf_printf(out, "%lld", (long long)json_integer_value(value));
    else if (json_is_real(value))
        add_real(json_real_value(value), out);
    else
        return false;
    return true;
}

/* jansson hands out pieces of any size, and indents by spaces: one for each level here. A space at
 * the start of a line is such a one, since there is no line end in a JSON text. */
static int take_piece(const char *piece, size_t len, void *arg)
{
    struct buf *out = arg;
    for (size_t i = 0; i < len; i++) {
        char last = out->len ? out->data[out->len - 1] : '\0';
        bool indents = piece[i] == ' ' && (last == '\n' || last == '\t');
        buf_add_char(out, indents ? '\t' : piece[i]);
    }
    return 0;
}

void json_dump(const struct json_t *doc, struct buf *out)
{
    if (json_dump_callback(doc, take_piece, out, JSON_INDENT(1) | JSON_ENCODE_ANY) != 0)
        abort();
    buf_add_char(out, '\n');
}
