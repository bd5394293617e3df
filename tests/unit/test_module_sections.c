/* The sections of a module: types, index spaces, segments and constant expressions. */
#include "tests/unit/wasm.h"
#include "tests/unit/files.h"

#include "unit.h"

#include "base/mem.h"
#include "module/module.h"
#include "module/type_same.h"

static int read_module(struct buf *bytes, struct module *out, struct err *err)
{
    int rc = wasm_read(bytes->data, bytes->len, "f.wasm", out, err);
    buf_release(bytes);
    return rc;
}

static void expect(struct buf *bytes, const char *part)
{
    struct module module = {0};
    struct err err = ERR_INIT;
    int rc = read_module(bytes, &module, &err);
    if (!part && rc)
        fail_msg("%s", err_text(&err));
    if (part && !rc)
        fail_msg("accepted, and not \"%s\"", part);
    if (part && !strstr(err_text(&err), part))
        fail_msg("\"%s\" does not say \"%s\"", err_text(&err), part);
    err_release(&err);
    module_release(&module);
}

/* One section behind a type section of () -> () and (i32) -> (), NULL: it is right. */
#define ONE(id, literal, part)                                                                     \
    do {                                                                                           \
        struct buf bytes_ = BUF_INIT(WASM_MAX);                                                    \
        wasm_begin(&bytes_);                                                                       \
        WASM_SECTION(&bytes_, 1, "\2\x60\0\0\x60\1\x7f\0");                                        \
        WASM_SECTION(&bytes_, id, literal);                                                        \
        expect(&bytes_, part);                                                                     \
    } while (0)

/* The same behind one of each: import of function 0 of type 0 and 1 of type 1, table, memory, two
 * globals (i32; mutable i64). */
#define AMONG(id, literal, part)                                                                   \
    do {                                                                                           \
        struct buf bytes_ = BUF_INIT(WASM_MAX);                                                    \
        wasm_begin(&bytes_);                                                                       \
        WASM_SECTION(&bytes_, 1, "\2\x60\0\0\x60\1\x7f\0");                                        \
        WASM_SECTION(&bytes_, 2,                                                                   \
                     "\6\0\0\0\0\0\0\0\1\0\0\1\x70\0\1\0\0\2\0\1\0\0\3\x7f\0\0\0\3\x7e\1");        \
        WASM_SECTION(&bytes_, id, literal);                                                        \
        expect(&bytes_, part);                                                                     \
    } while (0)

#define TYPES(literal, part)                                                                       \
    do {                                                                                           \
        struct buf bytes_ = BUF_INIT(WASM_MAX);                                                    \
        wasm_begin(&bytes_);                                                                       \
        WASM_SECTION(&bytes_, 1, literal);                                                         \
        expect(&bytes_, part);                                                                     \
    } while (0)

static void types(void **state)
{
    (void)state;
    TYPES("\1\x4e\2\x5f\1\x63\1\0\x5f\1\x63\0\1", NULL); /* two that name each other */
    TYPES("\2\x50\0\x5f\1\x7f\0\x50\1\0\x5f\2\x7f\0\x7e\0", NULL);
    TYPES("\1\x5e\x77\1", NULL);
    TYPES("\2\x60\0\0\x5d\0", NULL);
    TYPES("\1\x61\0\0", "unknown form 0x61 of a type");
    TYPES("\1\x60\1\x63\1\0", "type 1, where 1 are known");
    TYPES("\1\x60\1\x78\0", "unknown value type 0x78");
    TYPES("\1\x5f\1\x7f\2", "unknown mutability 0x02");
    TYPES("\2\x5f\1\x7f\0\x50\1\0\x5f\2\x7f\0\x7e\0", "type 1 does not fit type 0"); /* final */
    TYPES("\2\x50\0\x5f\1\x7f\0\x50\1\0\x5f\1\x7e\0", "type 1 does not fit type 0");
    TYPES("\2\x50\0\x5f\1\x7f\0\x50\1\1\x5f\1\x7f\0", "type 1 extends type 1");
    TYPES("\1\x50\2\0\0\x5f\0", "a type extends 2 types");
    TYPES("\1\x60\xe9\7\0", "1001 parameters do not fit");
}

static void equal_types(void **state)
{
    (void)state;
    struct buf bytes = BUF_INIT(WASM_MAX);
    AUTO(module_release) struct module module = {0};
    wasm_begin(&bytes);
    /* 0 and 1 equal; 2,3 a group, 4,5 the same group; 6 open, 7 extends it, 8 a reference to 3 */
    WASM_SECTION(
        &bytes, 1,
        "\7\x60\1\x7f\0\x60\1\x7f\0\x4e\2\x5f\1\x63\3\0\x5f\1\x63\2\1"
        "\x4e\2\x5f\1\x63\5\0\x5f\1\x63\4\1\x50\0\x5f\0\x50\1\6\x5f\1\x7f\0\x60\1\x64\3\0");
    assert_int_equal(read_module(&bytes, &module, ERR_IGNORED), 0);
    static const uint32_t same[] = {0, 0, 2, 3, 2, 3, 6, 7, 8};
    for (size_t i = 0; i < COUNT(same); i++)
        assert_int_equal(module.types[i].same, same[i]);
    struct value_type any = {.code = 0x6e}, func = {.code = VALUE_FUNCREF};
    struct value_type six = {.code = VALUE_REF_NULL, .heap = 6}, seven = {VALUE_REF, 7};
    assert_true(type_matches(&module, seven, six));
    assert_false(type_matches(&module, six, seven));
    assert_true(type_matches(&module, six, any));
    assert_false(type_matches(&module, six, func));
    assert_true(type_matches(&module, (struct value_type){VALUE_REF, 5},
                             (struct value_type){VALUE_REF_NULL, 3}));
    assert_true(type_matches(&module, (struct value_type){.code = 0x71}, six)); /* nullref */
    assert_false(type_matches(&module, (struct value_type){.code = VALUE_I32}, any));
}

static void definitions(void **state)
{
    (void)state;
    ONE(3, "\1\2", "type 2, where 2 are known");
    ONE(3, "\1\0", "no code section for 1 functions");
    ONE(4, "\1\x40\0\x70\0\1\xd0\x70\x0b", NULL);
    ONE(4, "\1\x40\1\x70\0\1\xd0\x70\x0b", "unknown form of a table");
    ONE(4, "\1\x64\x70\0\1", "has no first value");
    ONE(4, "\1\x7f\0\1", "a table of numbers");
    ONE(4, "\1\x70\1\2\1", "a minimum of 2 entries is past the maximum of 1");
    ONE(4, "\1\x70\0\x81\xad\xe2\4", "a table of more than 10000000 entries");
    ONE(5, "\1\1\2\1", "a minimum of 2 pages is past the maximum of 1");
    ONE(5, "\1\1\0\x81\x80\4", "more than 65536 pages");
    ONE(5, "\1\1\0\x80\x80\4", NULL);
    ONE(5, "\1\x08\0\0", NULL);
    ONE(5, "\1\x08\0\1", "a page of 2^1 bytes");
    ONE(13, "\1\0\2", "type 2, where 2 are known");
    ONE(8, "\0", "the start function is 0, where 0 are known");
    AMONG(8, "\0", NULL);
    AMONG(8, "\1", "the start function 1 has parameters or results");
    AMONG(7, "\2\1a\0\0\1a\2\0", "two exports have the name \"a\"");
    AMONG(7, "\1\1a\0\2", "the export \"a\" is func 2, where 2 are known");
}

static void constants(void **state)
{
    (void)state;
    AMONG(6, "\1\x7f\0\x23\0\x41\1\x6a\x0b", NULL);
    AMONG(6, "\2\x7f\0\x41\1\x0b\x7f\0\x23\2\x0b", NULL);
    AMONG(6, "\1\x70\0\xd2\0\x0b", NULL);
    AMONG(6, "\1\x7f\0\x23\2\x0b", "global 2, where 2 are known");
    AMONG(6, "\1\x7e\0\x23\1\x0b", "reads global 1, which may change");
    AMONG(6, "\1\x7f\0\x42\0\x0b", "has i64 where i32 is needed");
    AMONG(6, "\1\x7f\0\x6a\x0b", "has no value where i32 is needed");
    AMONG(6, "\1\x7f\0\x41\0\x41\0\x0b", "more than one value");
    AMONG(6, "\1\x7f\0\x41\0\x45\x0b", "0x45 is not allowed in a constant expression");
    AMONG(6, "\1\x7f\0\x41\0", "ends too early");
    AMONG(6, "\1\x70\0\xd2\2\x0b", "function 2, where 2 are known");
}

static void segments(void **state)
{
    (void)state;
    AMONG(9, "\1\0\x41\0\x0b\1\0", NULL);
    AMONG(9, "\1\5\x70\1\xd2\1\x0b", NULL);
    AMONG(9, "\1\2\0\x41\0\x0b\0\1\0", NULL);
    AMONG(9, "\1\2\1\x41\0\x0b\0\1\0", "for table 1, where 1 are known");
    AMONG(9, "\1\0\x42\0\x0b\1\0", "has i64 where i32 is needed");
    AMONG(9, "\1\0\x41\0\x0b\1\2", "element 0 is function 2, where 2 are known");
    AMONG(9, "\1\6\0\x41\0\x0b\x6f\0", "does not have the type of table 0");
    AMONG(9, "\1\x08\0\0", "unknown form 8 of an element segment");
    AMONG(11, "\1\0\x41\0\x0b\1x", NULL);
    AMONG(11, "\1\2\1\x41\0\x0b\1x", "for memory 1, where 1 are known");
    AMONG(11, "\1\0\x41\0\x0b\2x", "a data segment of 2 bytes goes past its section");
    AMONG(11, "\1\3\0", "unknown form 3 of a data segment");
    AMONG(12, "\1", "no data section, where the data count is 1");
    ONE(11, "\1\0\x41\0\x0b\0", "for memory 0, where 0 are known");
}

/* Enough code for several threads; the message is of the first fault, whichever thread finds it. */
static void much_code(void **state)
{
    (void)state;
    enum { BODIES = 3000, BODY = 2000 };
    struct buf section = BUF_INIT(WASM_MAX), bytes = BUF_INIT(WASM_MAX);
    static char body[BODY];
    memset(body + 1, 1, sizeof(body) - 2); /* nop */
    body[BODY - 1] = 0x0b;
    for (int damaged = 0; damaged < 2; damaged++) {
        wasm_begin(&bytes);
        WASM_SECTION(&bytes, 1, "\1\x60\0\0");
        buf_clear(&section);
        wasm_u32(&section, BODIES);
        for (int i = 0; i < BODIES; i++)
            buf_add(&section, "\0", 1);
        wasm_section(&bytes, 3, section.data, section.len);
        buf_clear(&section);
        wasm_u32(&section, BODIES);
        for (int i = 0; i < BODIES; i++) {
            body[5] = damaged && i % 1000 == 999 ? 0x27 : 1;
            wasm_u32(&section, BODY);
            buf_add(&section, body, BODY);
        }
        wasm_section(&bytes, 10, section.data, section.len);
        AUTO_CLOSE int fd = memory_file(bytes.data, bytes.len);
        AUTO(module_release) struct module module = {0};
        struct err err = ERR_INIT;
        assert_int_equal(module_read(fd, "f", &module, &err), damaged ? ERR_DAMAGED : 0);
        if (damaged)
            assert_non_null(strstr(err_text(&err), "f: function 999: unknown instruction 0x27"));
        else
            assert_int_equal(module.bodies[2999].size, BODY - 1);
        err_release(&err);
        expect(&bytes, damaged ? "f.wasm: function 999: unknown instruction 0x27" : NULL);
    }
    buf_release(&section);
}

static void words(void **state)
{
    (void)state;
    struct value_type values[] = {{.code = VALUE_I32}, {VALUE_REF_NULL, 3}, {VALUE_REF, -0x10}};
    struct module_type type = {.param_count = 2, .result_count = 1, .values = values};
    AUTO_FREE char *text = type_words(&type);
    assert_string_equal(text, "i32 (ref null 3) -> (ref func)");
    AUTO_FREE char *signature = signature_words("iIfF:");
    assert_string_equal(signature, "i32 i64 f32 f64 -> void");
    AUTO_FREE char *none = signature_words(":i");
    assert_string_equal(none, "void -> i32");
    type.param_count = 1;
    type.result_count = 0;
    assert_true(type_has_signature(&type, "i:"));
    assert_false(type_has_signature(&type, "i:i"));
    assert_false(type_has_signature(&type, ":"));
    assert_false(type_has_signature(&type, "I:"));
    assert_false(type_has_signature(&type, "ii:"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(types),     cmocka_unit_test(equal_types), cmocka_unit_test(definitions),
        cmocka_unit_test(constants), cmocka_unit_test(segments),    cmocka_unit_test(much_code),
        cmocka_unit_test(words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
