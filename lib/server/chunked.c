#include "server/chunked.h"

#include <stdbool.h>

/* The part to which the next byte belongs. */
enum {
    SIZE, /* the digits of the size */
    SIZE_BLANK,
    EXTENSION,
    SIZE_LF,
    CONTENT,
    CONTENT_CR, /* the end of line after the content */
    CONTENT_LF,
    TRAILER_START, /* a field, or the empty line at the end */
    TRAILER_NAME,
    TRAILER_VALUE,
    TRAILER_LF,
    LAST_LF,
    END,
    BAD,
};

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static bool is_control(char c)
{
    return ((unsigned char)c < 0x20 && c != '\t') || c == 0x7f;
}

static int after_size(char c)
{
    if (is_blank(c))
        return SIZE_BLANK;
    if (c == ';')
        return EXTENSION;
    return c == '\r' ? SIZE_LF : BAD;
}

static int take_digit(struct chunked *chunked, char c)
{
    int value = hex_value(c);
    if (value < 0)
        return chunked->digits ? after_size(c) : BAD;
    if (chunked->digits == CHUNK_DIGITS_MAX)
        return BAD;
    chunked->digits++;
    chunked->left = chunked->left * 16 + value;
    return SIZE;
}

/* Goes to a state in which the counting of digits and bytes begins anew. */
static int begin(struct chunked *chunked, int state)
{
    chunked->digits = 0;
    chunked->line = 0;
    return state;
}

static int take_in_trailer(int state, char c)
{
    switch (state) {
    case TRAILER_START:
        if (c == '\r')
            return LAST_LF;
        return is_control(c) || is_blank(c) || c == ':' ? BAD : TRAILER_NAME;
    case TRAILER_NAME:
        if (c == ':')
            return TRAILER_VALUE;
        return is_control(c) || is_blank(c) ? BAD : TRAILER_NAME;
    case TRAILER_VALUE:
        if (c == '\r')
            return TRAILER_LF;
        return is_control(c) ? BAD : TRAILER_VALUE;
    case TRAILER_LF:
        return c == '\n' ? TRAILER_START : BAD;
    default:
        return c == '\n' ? END : BAD;
    }
}

static int take(struct chunked *chunked, char c)
{
    switch (chunked->state) {
    case SIZE:
        return take_digit(chunked, c);
    case SIZE_BLANK:
        return after_size(c);
    case EXTENSION:
        if (c == '\r')
            return SIZE_LF;
        return is_control(c) ? BAD : EXTENSION;
    case SIZE_LF:
        return c == '\n' ? begin(chunked, chunked->left ? CONTENT : TRAILER_START) : BAD;
    case CONTENT_CR:
        return c == '\r' ? CONTENT_LF : BAD;
    case CONTENT_LF:
        return c == '\n' ? begin(chunked, SIZE) : BAD;
    default:
        return take_in_trailer(chunked->state, c);
    }
}

/* Counts one more byte of the size line or of the trailer. */
static bool is_within_bounds(struct chunked *chunked)
{
    chunked->line++;
    return chunked->line <= (chunked->state <= SIZE_LF ? CHUNK_LINE_MAX : CHUNK_TRAILER_MAX);
}

static enum chunked_part take_framing(struct chunked *chunked, const char *data, size_t len,
                                      size_t *size)
{
    for (*size = 0; *size < len && chunked->state != CONTENT; ++*size) {
        chunked->state = is_within_bounds(chunked) ? take(chunked, data[*size]) : BAD;
        if (chunked->state == BAD || chunked->state == END) {
            ++*size;
            return chunked->state == BAD ? CHUNKED_BAD : CHUNKED_END;
        }
    }
    return CHUNKED_FRAMING;
}

enum chunked_part chunked_next(struct chunked *chunked, const char *data, size_t len, size_t *size)
{
    if (chunked->state != CONTENT)
        return take_framing(chunked, data, len, size);
    *size = chunked->left < (long long)len ? (size_t)chunked->left : len;
    chunked->left -= (long long)*size;
    if (!chunked->left)
        chunked->state = CONTENT_CR;
    return CHUNKED_CONTENT;
}
