#include "cmd/run/check_words.h"

#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "cmd/run/field.h"

/* --- Words --- */

/* Takes the character behind a backslash; within double quotes the backslash stays in front of most
 * characters. */
static void take_escaped(char c, char quote, struct buf *word)
{
    if (c == '\n')
        return;
    if (quote && !strchr("\"\\$`", c))
        buf_add_char(word, '\\');
    buf_add_char(word, c);
}

static bool is_blank(char c)
{
    return c && strchr(" \t\r\n", c);
}

/* Takes one word, in which quotes and backslashes are as in a shell. */
static int take_word(const char **at, struct buf *word, struct err *err)
{
    char quote = 0;
    for (; **at && (quote || !is_blank(**at)); (*at)++) {
        char c = **at;
        if (c == quote)
            quote = 0;
        else if (!quote && (c == '\'' || c == '"'))
            quote = c;
        else if (c == '\\' && quote != '\'' && (*at)[1])
            take_escaped(*++*at, quote, word);
        else
            buf_add_char(word, c);
    }
    return quote ? err_set(err, ERR_USAGE, "a quote (%c) is not closed", quote) : 0;
}

/* Passes over blanks, and over a backslash at the end of a line. */
static const char *skip_blanks(const char *text)
{
    for (;;) {
        while (is_blank(*text))
            text++;
        if (strncmp(text, "\\\n", 2) != 0)
            return text;
        text += 2;
    }
}

static int split(const char *text, struct texts *words, struct err *err)
{
    for (text = skip_blanks(text); *text; text = skip_blanks(text)) {
        AUTO(buf_release) struct buf word = BUF_INIT(UPSTREAM_BODY_MAX);
        int rc = take_word(&text, &word, err);
        if (rc)
            return rc;
        texts_add(words, buf_steal(&word));
    }
    return 0;
}

/* --- The request --- */

struct reading {
    struct trial *trial;
    bool has_url, has_data;
};

static bool is_method(const char *word)
{
    size_t len = strspn(word, "ABCDEFGHIJKLMNOPQRSTUVWXYZ");
    return len > 0 && !word[len];
}

static int take_target(struct reading *reading, const char *word, struct err *err)
{
    struct trial *trial = reading->trial;
    if (reading->has_url)
        return err_set(err, ERR_USAGE, "\"%.100s\" is a second path: write another --check", word);
    reading->has_url = true;
    if (*word == '/')
        trial_set(&trial->target, word);
    else if (!trial_take_url(trial, word))
        return err_set(err, ERR_USAGE, "\"%.100s\" is neither a path, as /a, nor an option", word);
    trial->target[strcspn(trial->target, "#")] = '\0';
    return 0;
}

static int take_header(struct reading *reading, const char *word, struct err *err)
{
    if (!field_is_sound(word))
        return err_set(err, ERR_USAGE, "-H \"%.100s\": a header is written as Name: value", word);
    texts_add(&reading->trial->fields, mem_dup(word));
    return 0;
}

/* Adds a file as --data-binary does; `strip`: without the ends of lines, as -d does. */
static int add_file(struct buf *body, const char *path, bool strip, struct err *err)
{
    AUTO(buf_release) struct buf text = BUF_INIT(UPSTREAM_BODY_MAX);
    int rc = file_read_named(path, &text, err);
    if (rc)
        return err_wrap(err, "the body");
    for (size_t i = 0; i < text.len; i++)
        if (!strip || !memchr("\r\n", text.data[i], 3))
            buf_add_char(body, text.data[i]);
    return 0;
}

/* Several bodies are the fields of a form. */
static int take_data(struct reading *reading, const char *option, const char *value,
                     struct err *err)
{
    struct trial *trial = reading->trial;
    bool raw = strcmp(option, "--data-raw") == 0;
    int rc = 0;
    if (reading->has_data)
        buf_add_char(&trial->body, '&');
    reading->has_data = true;
    if (*value == '@' && !raw)
        rc = add_file(&trial->body, value + 1, strcmp(option, "--data-binary") != 0, err);
    else
        buf_add_text(&trial->body, value);
    if (!rc && buf_overflowed(&trial->body))
        rc = err_set(err, ERR_USAGE, "the body has more than %d bytes", UPSTREAM_BODY_MAX);
    return rc;
}

static int take_option(struct reading *reading, const char *option, const char *value,
                       struct err *err)
{
    static const char *const bodies[] = {"-d", "--data", "--data-ascii", "--data-raw",
                                         "--data-binary"};
    if (strcmp(option, "-X") == 0 || strcmp(option, "--request") == 0) {
        reading->trial->method_given = true;
        trial_set(&reading->trial->method, value);
        return 0;
    }
    if (strcmp(option, "-H") == 0 || strcmp(option, "--header") == 0)
        return take_header(reading, value, err);
    if (strcmp(option, "--url") == 0)
        return take_target(reading, value, err);
    for (size_t i = 0; i < COUNT(bodies); i++)
        if (strcmp(option, bodies[i]) == 0)
            return take_data(reading, option, value, err);
    return err_set(err, ERR_USAGE, "the option %.40s is not known: use -X, -H, -d or -I", option);
}

static bool is_blank_option(const char *word)
{
    static const char *const known[] = {"-i",  "-s",  "-v",        "-sS",
                                        "-si", "-is", "--include", "--silent"};
    for (size_t i = 0; i < COUNT(known); i++)
        if (strcmp(word, known[i]) == 0)
            return true;
    return false;
}

/* "-XPUT" is "-X PUT". */
static bool is_joined(const char *word)
{
    return *word == '-' && word[1] && strchr("XHd", word[1]) && word[2];
}

static int take_words(struct reading *reading, const struct texts *words, size_t at,
                      struct err *err)
{
    int rc = 0;
    for (; !rc && at < words->count; at++) {
        const char *word = words->items[at];
        if (is_blank_option(word))
            continue;
        if (strcmp(word, "-I") == 0 || strcmp(word, "--head") == 0)
            trial_set(&reading->trial->method, "HEAD");
        else if (is_joined(word))
            rc = take_option(reading, (const char[]){'-', word[1], '\0'}, word + 2, err);
        else if (*word == '-' && at + 1 == words->count)
            rc = err_set(err, ERR_USAGE, "the option %.40s has no value", word);
        else if (*word == '-')
            rc = take_option(reading, word, words->items[++at], err);
        else if (is_method(word))
            rc = take_option(reading, "-X", word, err);
        else
            rc = take_target(reading, word, err);
    }
    return rc;
}

/* A body makes a POST of a GET, and a form unless a header says otherwise. */
static void finish(const struct reading *reading)
{
    struct trial *trial = reading->trial;
    if (!reading->has_data)
        return;
    if (!trial->method_given && strcmp(trial->method, "GET") == 0)
        trial_set(&trial->method, "POST");
    if (!field_is_among(&trial->fields, "content-type"))
        texts_add(&trial->fields, mem_dup("content-type: application/x-www-form-urlencoded"));
}

int check_words_read(const char *text, struct trial *trial, struct err *err)
{
    AUTO(texts_release) struct texts words = {0};
    struct reading reading = {.trial = trial};
    int rc = split(text, &words, err);
    trial_set(&trial->name, text);
    size_t at = words.count && strcmp(words.items[0], "curl") == 0;
    if (!rc && at == words.count)
        return err_set(err, ERR_USAGE, "it is empty: write a path, as /a");
    if (!rc)
        rc = take_words(&reading, &words, at, err);
    if (rc)
        return rc;
    finish(&reading);
    return trial_check(trial, err);
}
