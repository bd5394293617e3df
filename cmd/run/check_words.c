#include "cmd/run/check_words.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* --- Words --- */

/* Takes one word, in which quotes and backslashes are as in a shell. */
static int take_word(const char **at, struct buf *word, struct err *err)
{
    char quote = 0;
    for (; **at && (quote || !isspace((unsigned char)**at)); (*at)++) {
        char c = **at;
        if (c == quote) {
            quote = 0;
        } else if (!quote && (c == '\'' || c == '"')) {
            quote = c;
        } else if (c == '\\' && quote != '\'' && (*at)[1]) {
            (*at)++;
            buf_add_char(word, **at);
        } else {
            buf_add_char(word, c);
        }
    }
    return quote ? err_set(err, ERR_USAGE, "a quote (%c) is not closed", quote) : 0;
}

static int split(const char *text, struct texts *words, struct err *err)
{
    for (text += strspn(text, " \t\r\n"); *text; text += strspn(text, " \t\r\n")) {
        AUTO(buf_release) struct buf word = BUF_INIT(UPSTREAM_BODY_MAX);
        int rc = take_word(&text, &word, err);
        if (rc)
            return rc;
        texts_add(words, buf_steal(&word));
    }
    return 0;
}

/* --- The request --- */

static void set(char **text, const char *value)
{
    char *copy = mem_dup(value);
    free(*text);
    *text = copy;
}

static bool is_method(const char *word)
{
    size_t len = strspn(word, "ABCDEFGHIJKLMNOPQRSTUVWXYZ");
    return len > 0 && !word[len];
}

static int take_target(const char *word, struct trial *trial, struct err *err)
{
    const char *host = strstr(word, "://");
    if (*word == '/') {
        set(&trial->target, word);
        return 0;
    }
    if (!host)
        return err_set(err, ERR_USAGE, "\"%.100s\" is neither a path, as /a, nor an option", word);
    host += 3;
    size_t len = strcspn(host, "/?#");
    free(trial->authority);
    trial->authority = mem_dup_n(host, len);
    free(trial->target);
    trial->target = host[len] == '/' ? mem_dup(host + len) : mem_printf("/%s", host + len);
    trial->target[strcspn(trial->target, "#")] = '\0';
    return 0;
}

static int take_header(const char *word, struct trial *trial, struct err *err)
{
    if (!strchr(word, ':') || strpbrk(word, "\r\n"))
        return err_set(err, ERR_USAGE, "-H \"%.100s\": a header is written as Name: value", word);
    texts_add(&trial->fields, mem_dup(word));
    return 0;
}

static int take_option(const char *option, const char *value, struct trial *trial, struct err *err)
{
    static const char *const bodies[] = {"-d", "--data", "--data-raw", "--data-binary"};
    if (strcmp(option, "-X") == 0 || strcmp(option, "--request") == 0) {
        set(&trial->method, value);
        return 0;
    }
    if (strcmp(option, "-H") == 0 || strcmp(option, "--header") == 0)
        return take_header(value, trial, err);
    for (size_t i = 0; i < COUNT(bodies); i++)
        if (strcmp(option, bodies[i]) == 0) {
            buf_add_text(&trial->body, value);
            if (strcmp(trial->method, "GET") == 0)
                set(&trial->method, "POST");
            return 0;
        }
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

int check_words_read(const char *text, struct trial *trial, struct err *err)
{
    AUTO(texts_release) struct texts words = {0};
    int rc = split(text, &words, err);
    set(&trial->name, text);
    size_t at = words.count && strcmp(words.items[0], "curl") == 0;
    if (!rc && at == words.count)
        return err_set(err, ERR_USAGE, "it is empty: write a path, as /a");
    for (; !rc && at < words.count; at++) {
        const char *word = words.items[at];
        if (is_blank_option(word))
            continue;
        if (strcmp(word, "-I") == 0 || strcmp(word, "--head") == 0)
            set(&trial->method, "HEAD");
        else if (*word == '-' && at + 1 == words.count)
            rc = err_set(err, ERR_USAGE, "the option %.40s has no value", word);
        else if (*word == '-')
            rc = take_option(word, words.items[++at], trial, err);
        else if (is_method(word))
            set(&trial->method, word);
        else
            rc = take_target(word, trial, err);
    }
    return rc;
}
