#include "module/type.h"

#include <string.h>

#include "base/buf.h"
#include "base/mem.h"

#define MAX_WORDS (64 * 1024) /* of a signature; a longer one is cut */

static const struct {
    char letter;
    uint8_t code;
} letters[] = {{'i', VALUE_I32}, {'I', VALUE_I64}, {'f', VALUE_F32}, {'F', VALUE_F64}};

/* By heap type (5.3.4): the name, and the name of the nullable reference. */
static const struct {
    uint8_t code;
    const char *heap, *reference;
} heaps[] = {
    {0x68, "cont", "contref"},
    {0x69, "exn", "exnref"},
    {0x6a, "array", "arrayref"},
    {0x6b, "struct", "structref"},
    {0x6c, "i31", "i31ref"},
    {0x6d, "eq", "eqref"},
    {0x6e, "any", "anyref"},
    {0x6f, "extern", "externref"},
    {0x70, "func", "funcref"},
    {0x71, "none", "nullref"},
    {0x72, "noextern", "nullexternref"},
    {0x73, "nofunc", "nullfuncref"},
    {0x74, "noexn", "nullexnref"},
    {0x75, "nocont", "nullcontref"},
};

bool value_type_same(struct value_type a, struct value_type b)
{
    return a.code == b.code && a.heap == b.heap;
}

static const char *number_name(uint8_t code)
{
    switch (code) {
    case VALUE_I32:
        return "i32";
    case VALUE_I64:
        return "i64";
    case VALUE_F32:
        return "f32";
    case VALUE_F64:
        return "f64";
    case VALUE_V128:
        return "v128";
    case VALUE_I8:
        return "i8";
    case VALUE_I16:
        return "i16";
    default:
        return "unknown";
    }
}

static const char *heap_name(int32_t heap)
{
    for (size_t i = 0; i < COUNT(heaps); i++) {
        if (heaps[i].code == heap + 0x80)
            return heaps[i].heap;
    }
    return "unknown";
}

static void add_type(struct buf *out, struct value_type type)
{
    if (type.code == VALUE_REF || type.code == VALUE_REF_NULL) {
        buf_add_text(out, type.code == VALUE_REF ? "(ref " : "(ref null ");
        if (type.heap >= 0)
            buf_printf(out, "%d)", type.heap);
        else
            buf_printf(out, "%s)", heap_name(type.heap));
        return;
    }
    for (size_t i = 0; i < COUNT(heaps); i++) {
        if (heaps[i].code == type.code) {
            buf_add_text(out, heaps[i].reference);
            return;
        }
    }
    buf_add_text(out, number_name(type.code));
}

char *value_type_text(struct value_type type)
{
    struct buf out = BUF_INIT(MAX_WORDS);
    add_type(&out, type);
    return buf_steal(&out);
}

static uint8_t letter_code(char letter)
{
    for (size_t i = 0; i < COUNT(letters); i++) {
        if (letters[i].letter == letter)
            return letters[i].code;
    }
    return 0;
}

/* Are the `count` values from `first` on those of the letters up to `stop`? */
static bool has_letters(const struct value_type *values, uint32_t first, uint32_t count,
                        const char *text, char stop)
{
    for (uint32_t i = 0; i < count; i++) {
        if (text[i] == stop || text[i] == '\0' || letter_code(text[i]) != values[first + i].code)
            return false;
    }
    return text[count] == stop;
}

bool type_has_signature(const struct module_type *type, const char *signature)
{
    const char *colon = strchr(signature, ':');
    return colon && type->form == TYPE_FUNC &&
           has_letters(type->values, 0, type->param_count, signature, ':') &&
           has_letters(type->values, type->param_count, type->result_count, colon + 1, '\0');
}

static void add_types(struct buf *out, const struct value_type *values, uint32_t first,
                      uint32_t count)
{
    if (count == 0)
        buf_add_text(out, "void");
    for (uint32_t i = 0; i < count; i++) {
        if (i)
            buf_add_char(out, ' ');
        add_type(out, values[first + i]);
    }
}

char *type_words(const struct module_type *type)
{
    struct buf out = BUF_INIT(MAX_WORDS);
    add_types(&out, type->values, 0, type->param_count);
    buf_add_text(&out, " -> ");
    add_types(&out, type->values, type->param_count, type->result_count);
    return buf_steal(&out);
}

/* Adds the words of the letters up to a ':' or the end, and returns what is behind them. */
static const char *add_letters(struct buf *out, const char *text)
{
    if (*text == ':' || *text == '\0')
        buf_add_text(out, "void");
    for (bool first = true; *text != ':' && *text != '\0'; text++, first = false) {
        if (!first)
            buf_add_char(out, ' ');
        buf_add_text(out, number_name(letter_code(*text)));
    }
    return *text == ':' ? text + 1 : text;
}

char *signature_words(const char *signature)
{
    struct buf out = BUF_INIT(MAX_WORDS);
    const char *results = add_letters(&out, signature);
    buf_add_text(&out, " -> ");
    add_letters(&out, results);
    return buf_steal(&out);
}
