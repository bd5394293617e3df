#include "cmd/run/pattern.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"

/* A group, or the whole. Nodes are counted with repetitions written out; the height is how many
 * repetitions are within each other. */
struct group {
    size_t nodes, height; /* of all of it but the last part */
    size_t last, last_height;
    bool repeated; /* the last part has its repetition */
};

struct writing {
    const char *at;
    struct buf *out;
    struct group groups[PATTERN_DEPTH_MAX + 1];
    size_t depth;
    struct err *err;
};

/* A set as POSIX wants it: some characters have their meaning by their place alone. */
struct set {
    struct buf others;
    bool inverted, closing, opening, dash, caret;
};

static int refuse(const struct writing *writing, const char *part, size_t len)
{
    return err_set(writing->err, ERR_USAGE,
                   "the regular expression has \"%.*s\", which is not known", (int)len, part);
}

/* The character that "\n" and the like mean; 0: `c` is no such letter. */
static char control_of(char c)
{
    static const char letters[] = "ntrfva", controls[] = "\n\t\r\f\v\a";
    const char *at = c ? strchr(letters, c) : NULL;
    return at ? controls[at - letters] : '\0';
}

/* --- The size --- */

static int add_part(struct writing *writing, size_t nodes, size_t height)
{
    struct group *group = &writing->groups[writing->depth];
    group->nodes += group->last;
    group->height = group->height > group->last_height ? group->height : group->last_height;
    group->last = nodes;
    group->last_height = height;
    group->repeated = false;
    return 0;
}

/* What glibc needs grows without measure with repetitions within repetitions. */
static int check_size(const struct writing *writing)
{
    static const size_t most[PATTERN_HEIGHT_MAX + 1] = {
        PATTERN_NODES_MAX, PATTERN_NODES_MAX, 300, 40, 40, 40};
    const struct group *group = &writing->groups[writing->depth];
    if (group->last_height <= PATTERN_HEIGHT_MAX && group->last <= most[group->last_height])
        return 0;
    return err_set(writing->err, ERR_USAGE,
                   "the regular expression has too many repetitions within each other");
}

/* A "?" behind a repetition makes it lazy in RE2: the whole text matches, or not, all the same. */
static int repeat_last(struct writing *writing, const char *text, size_t len, size_t times)
{
    struct group *group = &writing->groups[writing->depth];
    writing->at += len;
    if (group->repeated)
        return err_set(writing->err, ERR_USAGE,
                       "the regular expression has \"%.*s\" behind another repetition", (int)len,
                       text);
    writing->at += *writing->at == '?';
    buf_add(writing->out, text, len);
    group->repeated = true;
    group->last *= times > 1 ? times : 1;
    group->last_height++;
    return check_size(writing);
}

static int open_group(struct writing *writing)
{
    if (writing->depth == PATTERN_DEPTH_MAX)
        return err_set(writing->err, ERR_USAGE,
                       "the regular expression has more than %d groups within each other",
                       PATTERN_DEPTH_MAX);
    writing->groups[++writing->depth] = (struct group){0};
    return 0;
}

/* Without a group, regcomp() complains. */
static int close_group(struct writing *writing)
{
    if (!writing->depth)
        return 0;
    struct group inner = writing->groups[writing->depth--];
    size_t height = inner.height > inner.last_height ? inner.height : inner.last_height;
    return add_part(writing, inner.nodes + inner.last + 1, height);
}

/* --- Sets --- */

/* Whether a range begins or ends with the character at `at`, which is written as `len` bytes. */
static bool is_of_range(const char *at, size_t len, const struct set *set)
{
    size_t have = set->others.len;
    return (at[len] == '-' && at[len + 1] && at[len + 1] != ']') ||
           (have && set->others.data[have - 1] == '-');
}

static int take_set_escape(struct writing *writing, struct set *set)
{
    const char *at = writing->at;
    char c = at[1];
    writing->at += 2;
    if (c == 'd' || c == 'w' || c == 's') {
        buf_add_text(&set->others, c == 'd' ? "0-9" : c == 'w' ? "[:alnum:]_" : "[:space:]");
        return 0;
    }
    if (!c || (isalnum((unsigned char)c) && !control_of(c)))
        return refuse(writing, at, c ? 2 : 1);
    bool *flag = c == ']'   ? &set->closing
                 : c == '[' ? &set->opening
                 : c == '-' ? &set->dash
                 : c == '^' ? &set->caret
                            : NULL;
    if (flag && is_of_range(at, 2, set))
        return refuse(writing, at, 3);
    if (flag)
        *flag = true;
    else
        buf_add_char(&set->others, control_of(c) ? control_of(c) : c);
    return 0;
}

/* Takes "[:alpha:]", or a bracket alone. */
static void take_class(struct writing *writing, struct set *set)
{
    const char *end = writing->at[1] == ':' ? strstr(writing->at, ":]") : NULL;
    size_t len = end ? (size_t)(end + 2 - writing->at) : 1;
    if (end)
        buf_add(&set->others, writing->at, len);
    else
        set->opening = true;
    writing->at += len;
}

static void write_set(const struct set *set, struct buf *out)
{
    bool alone = !set->others.len && !set->closing && !set->opening;
    if (set->caret && alone && !set->inverted) {
        buf_add_text(out, set->dash ? "[-^]" : "\\^");
        return;
    }
    buf_printf(out, "[%s%s%s%s%s%s]", set->inverted ? "^" : "", set->closing ? "]" : "",
               buf_text(&set->others), set->opening ? "[" : "", set->caret ? "^" : "",
               set->dash ? "-" : "");
}

static int read_set(struct writing *writing, struct set *set)
{
    for (bool first = true;; first = false) {
        const char *at = writing->at;
        int rc = 0;
        if (!*at)
            return err_set(writing->err, ERR_USAGE, "a [ of the regular expression has no end");
        if (*at == ']' && !first) {
            writing->at++;
            return 0;
        }
        if (*at == '\\') {
            rc = take_set_escape(writing, set);
        } else if (*at == '[') {
            take_class(writing, set);
        } else {
            bool end = *at == '-' && (first || at[1] == ']');
            set->dash |= end;
            set->closing |= *at == ']';
            if (!end && *at != ']')
                buf_add_char(&set->others, *at);
            writing->at++;
        }
        if (rc)
            return rc;
    }
}

static int take_set(struct writing *writing)
{
    struct set set = {.others = BUF_INIT(4 * PATTERN_MAX)};
    writing->at++;
    set.inverted = *writing->at == '^';
    writing->at += set.inverted;
    int rc = read_set(writing, &set);
    if (!rc)
        write_set(&set, writing->out);
    buf_release(&set.others);
    return rc ? rc : add_part(writing, 1, 0);
}

/* --- The rest --- */

static int take_escape(struct writing *writing)
{
    const char *at = writing->at;
    char c = at[1];
    writing->at += 2;
    if (c == 'd' || c == 'D')
        buf_add_text(writing->out, c == 'd' ? "[0-9]" : "[^0-9]");
    else if (c && strchr("wWsSbB.[]{}()*+?^$|\\", c))
        buf_add(writing->out, at, 2);
    else if (!c || (isalnum((unsigned char)c) && !control_of(c)))
        return refuse(writing, at, c ? 2 : 1);
    else
        buf_add_char(writing->out, control_of(c) ? control_of(c) : c);
    return add_part(writing, 1, 0);
}

/* Takes "{2}", "{2,}" or "{2,3}"; another brace is a character. */
static int take_brace(struct writing *writing)
{
    const char *at = writing->at;
    size_t first = strspn(at + 1, "0123456789"), len = 1 + first;
    size_t second = at[len] == ',' ? strspn(at + len + 1, "0123456789") : 0;
    const char *last = second ? at + len + 1 : at + 1;
    len += at[len] == ',' ? 1 + second : 0;
    if (!first || at[len] != '}') {
        buf_add_text(writing->out, "\\{");
        writing->at++;
        return add_part(writing, 1, 0);
    }
    long times = strtol(last, NULL, 10), least = strtol(at + 1, NULL, 10);
    if (times > PATTERN_REPEAT_MAX || least > PATTERN_REPEAT_MAX)
        return err_set(writing->err, ERR_USAGE,
                       "the regular expression has \"%.*s\": a repetition has at most %d",
                       (int)(len < 20 ? len + 1 : 20), at, PATTERN_REPEAT_MAX);
    return repeat_last(writing, at, len + 1, (size_t)times);
}

static int take_open(struct writing *writing)
{
    bool plain = strncmp(writing->at, "(?:", 3) == 0;
    if (!plain && writing->at[1] == '?')
        return refuse(writing, writing->at, strnlen(writing->at, 3));
    buf_add_char(writing->out, '(');
    writing->at += plain ? 3 : 1;
    return open_group(writing);
}

static int take_part(struct writing *writing)
{
    switch (*writing->at) {
    case '\\':
        return take_escape(writing);
    case '[':
        return take_set(writing);
    case '{':
        return take_brace(writing);
    case '(':
        return take_open(writing);
    default:
        break;
    }
    char c = *writing->at;
    if (c == '*' || c == '+' || c == '?')
        return repeat_last(writing, writing->at, 1, c == '+' ? 2 : 1);
    writing->at++;
    buf_add_char(writing->out, c);
    return c == ')' ? close_group(writing) : add_part(writing, 1, 0);
}

static int write_pattern(const char *text, struct buf *out, struct err *err)
{
    struct writing writing = {.at = text, .out = out, .err = err};
    if (strlen(text) > PATTERN_MAX)
        return err_set(err, ERR_USAGE, "a regular expression has more than %d bytes", PATTERN_MAX);
    buf_add_text(out, "^(");
    for (int rc; *writing.at;)
        if ((rc = take_part(&writing)) != 0)
            return rc;
    buf_add_text(out, ")$");
    return 0;
}

int pattern_compile(const char *text, regex_t *out, struct err *err)
{
    AUTO(buf_release) struct buf pattern = BUF_INIT(16 * PATTERN_MAX);
    int rc = write_pattern(text, &pattern, err);
    if (rc)
        return rc;
    char why[128];
    int number = regcomp(out, buf_text(&pattern), REG_EXTENDED | REG_NOSUB);
    if (!number)
        return 0;
    regerror(number, out, why, sizeof(why));
    return err_set(err, ERR_USAGE, "\"%.200s\" is no regular expression: %s", text, why);
}
