/* Function bodies: which instructions are known, what must hold, and which extension each is of. */
#include "tests/unit/files.h"
#include "tests/unit/wasm.h"

#include "unit.h"

#include "base/mem.h"
#include "module/code.h"
#include "module/module.h"

/*
 * A module with two functions, an import of type 0 and one with the body. Types: 0 () -> (),
 * 1 (i32) -> i32, 2 struct of a mutable i32, 3 array of i8. A table, a memory, a tag of type 0, two
 * globals (mutable i32, f64), an element segment that declares function 0, a passive data segment.
 */
static void make(struct buf *out, const void *body, size_t len)
{
    wasm_begin(out);
    WASM_SECTION(out, 1, "\4\x60\0\0\x60\1\x7f\1\x7f\x5f\1\x7f\1\x5e\x78\0");
    WASM_SECTION(out, 2, "\1\0\0\0\0");
    WASM_SECTION(out, 3, "\1\1");
    WASM_SECTION(out, 4, "\1\x70\0\1");
    WASM_SECTION(out, 5, "\1\0\1");
    WASM_SECTION(out, 13, "\1\0\0");
    WASM_SECTION(out, 6, "\2\x7f\1\x41\0\x0b\x7c\0\x44\0\0\0\0\0\0\0\0\x0b");
    WASM_SECTION(out, 9, "\1\3\0\1\0");
    WASM_SECTION(out, 12, "\1");
    wasm_body(out, body, len);
    WASM_SECTION(out, 11, "\1\1\1x");
}

/* What the module itself needs. */
#define BASE                                                                                       \
    (1u << FEATURE_GC | 1u << FEATURE_EXCEPTIONS | 1u << FEATURE_BULK_MEMORY |                     \
     1u << FEATURE_REFERENCE_TYPES)

static void accept(const void *body, size_t len, uint32_t features)
{
    AUTO(buf_release) struct buf bytes = BUF_INIT(WASM_MAX);
    AUTO(module_release) struct module module = {0};
    struct err err = ERR_INIT;
    make(&bytes, body, len);
    if (wasm_read(bytes.data, bytes.len, "f.wasm", &module, &err))
        fail_msg("%s", err_text(&err));
    assert_int_equal(module.features & ~features, BASE & ~features);
    assert_int_equal(module.features & features, features);
}

static void refuse(const void *body, size_t len, const char *part)
{
    AUTO(buf_release) struct buf bytes = BUF_INIT(WASM_MAX);
    struct module module = {0};
    struct err err = ERR_INIT;
    make(&bytes, body, len);
    assert_int_equal(wasm_read(bytes.data, bytes.len, "f.wasm", &module, &err), ERR_DAMAGED);
    if (!strstr(err_text(&err), part))
        fail_msg("\"%s\" does not say \"%s\"", err_text(&err), part);
    assert_ptr_equal(strstr(err_text(&err), "f.wasm: function 1: "), err_text(&err));
    err_release(&err);
}

/* Of a body without locals, up to its end. */
#define GOOD(bytes, features) accept("\0" bytes "\x0b", sizeof(bytes) + 1, features)
#define BAD(bytes, part) refuse("\0" bytes "\x0b", sizeof(bytes) + 1, part)
#define OF(name) (1u << FEATURE_##name)

static void blocks(void **state)
{
    (void)state;
    GOOD("", 0);
    GOOD("\x02\x40\x03\x7f\x04\x40\x05\x0b\x0b\x0b", 0);
    GOOD("\x02\x00\x0b", OF(MULTI_VALUE));
    GOOD("\x02\x40\x0c\x01\x0d\x00\x0e\x02\x00\x01\x01\x0b", 0);
    BAD("\x02\x40", "the body has no end: 1 blocks are open");
    BAD("\x0b", "1 bytes are left over behind the end of the body");
    BAD("\x05", "else without its block");
    BAD("\x04\x40\x05\x05\x0b", "else without its block");
    BAD("\x02\x02\x0b", "type 2 is no function type");
    BAD("\x02\x04\x0b", "names type 4, where 4 are known");
    BAD("\x02\x41\x0b", "unknown value type 0x41");
    BAD("\x0c\x01", "names label 1, where 1 blocks are open");
    BAD("\x0e\x01\x00\x01", "names label 1");
    BAD("\x0e\xf1\xff\x03", "a br_table of 65521 labels");
}

static void exceptions(void **state)
{
    (void)state;
    uint32_t legacy = OF(LEGACY_EXCEPTIONS) | OF(EXCEPTIONS);
    GOOD("\x1f\x40\x04\0\0\0\1\0\0\2\0\3\0\x0b", 0);
    GOOD("\x08\0\x0a", 0);
    AUTO(buf_release) struct buf bytes = BUF_INIT(WASM_MAX);
    AUTO(module_release) struct module module = {0};
    static const char old[] = "\0\x06\x40\x07\0\x09\0\x19\x0b\x06\x40\x18\0\x0b";
    make(&bytes, old, sizeof(old) - 1);
    assert_int_equal(wasm_read(bytes.data, bytes.len, "f", &module, ERR_IGNORED), 0);
    assert_int_equal(module.features & legacy, OF(LEGACY_EXCEPTIONS)); /* the tag is of these */
    BAD("\x1f\x40\x01\4\0\x0b", "unknown form 0x04 of a catch clause");
    BAD("\x1f\x40\x01\0\1\0\x0b", "names tag 1, where 1 are known");
    BAD("\x1f\x40\x01\2\1\x0b", "names label 1, where 1 blocks are open");
    BAD("\x07\0", "catch without its block");
    BAD("\x06\x40\x19\x07\0\x0b", "catch without its block");
    BAD("\x06\x40\x09\0\x0b", "rethrow outside a catch");
    BAD("\x09\0", "rethrow outside a catch");
    BAD("\x18\0", "delegate without its try");
    BAD("\x06\x40\x18\1", "names label 1");
}

static void indexes(void **state)
{
    (void)state;
    GOOD("\x20\0\x10\1\x11\0\0\x23\1\x24\0", 0);
    GOOD("\x11\0\x80\0", OF(REFERENCE_TYPES)); /* a table in more bytes than 1.0 allows */
    GOOD("\xd2\0", 0);
    BAD("\x20\1", "names local 1, where 1 are known");
    BAD("\x20\x80\x80\x80\x80\x80\0", "a number has more than 32 bits");
    BAD("\x10\2", "names function 2, where 2 are known");
    BAD("\x11\4\0", "names type 4");
    BAD("\x11\0\1", "names table 1");
    BAD("\x23\2", "names global 2");
    BAD("\xd2\1", "ref.func of function 1, which no export");
    BAD("\xfc\x08\1\0", "names data segment 1");
    BAD("\xfc\x0c\1\0", "names element segment 1");
    BAD("\x14\2", "type 2 is no function type");
    BAD("\xfb\x02\2\1", "field 1 of type 2, which has 1");
    BAD("\xfb\x00\3", "type 3 is no struct type");
    BAD("\xfb\x06\2", "type 2 is no array type");
}

static void memory(void **state)
{
    (void)state;
    GOOD("\x28\2\0\x29\3\xff\xff\xff\xff\x0f\x3f\0", 0);
    GOOD("\x28\x42\0\0", OF(MULTI_MEMORY));
    BAD("\x28\3\0", "an alignment of 2^3 bytes for an access of 2^2");
    BAD("\x28\x42\1\0", "names memory 1");
    BAD("\x29\3\xff\xff\xff\xff\x1f", "a number has more than 32 bits");
    BAD("\xfe\x10\1\0", "an alignment of 2^1 bytes");
}

static void extensions(void **state)
{
    (void)state;
    GOOD("\xc0", OF(SIGN_EXTENSION));
    GOOD("\xfc\x00", OF(SAT_FLOAT));
    GOOD("\xfc\x0a\0\0\xfc\x0b\0", OF(BULK_MEMORY));
    GOOD("\xd0\x70\xd1\x1c\1\x7f\x25\0", OF(REFERENCE_TYPES));
    GOOD("\xfd\x0c\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", OF(SIMD));
    GOOD("\xfd\x15\x0f\xfd\x54\0\0\x0f", OF(SIMD));
    GOOD("\xfd\x80\x02", OF(RELAXED_SIMD));
    GOOD("\x12\1\x13\0\0", OF(TAIL_CALLS));
    GOOD("\x14\1\xd4", OF(TYPED_REFS));
    GOOD("\x15\1", OF(TYPED_REFS) | OF(TAIL_CALLS));
    GOOD("\xfb\x1c\xfb\x18\3\0\x6e\x6e", OF(GC));
    GOOD("\xfe\x10\2\0\xfe\x03\0", OF(THREADS));
    GOOD("\xfc\x13", OF(WIDE_ARITHMETIC));
    BAD("\xfd\x15\x10", "lane 16 of 16");
    BAD("\xfd\x0d\x20\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", "lane 32 of 32");
    BAD("\x27", "unknown instruction 0x27");
    BAD("\xff", "unknown instruction 0xff");
    BAD("\xfd\x9a\1", "unknown instruction 0xfd, number 154");
    BAD("\xfd\x94\2", "unknown instruction 0xfd, number");
    BAD("\x1c\2\x7f\x7f", "select of 2 types");
    BAD("\x41\x80\x80\x80\x80\x10", "a number has more than 32 bits");
    refuse("\0\x41\x80", 3, "the body ends within an instruction");
}

static void locals(void **state)
{
    (void)state;
    accept("\2\2\x7f\1\x7e\x20\3\x0b", 8, 0);
    refuse("\2\2\x7f\1\x7e\x20\4\x0b", 8, "names local 4, where 4 are known");
    refuse("\1\1\x40\x0b", 4, "unknown value type 0x40");
    refuse("\1\xff\xff\xff\xff\x0f\x7f\x0b", 8, "more than 50000 locals");
    accept("\1\xcf\x86\3\x7f\x0b", 6, 0); /* 49999 and the parameter */
    refuse("\1\xd0\x86\3\x7f\x0b", 6, "more than 50000 locals");
    refuse("\x10\x0b", 2, "16 runs of locals do not fit into the body");
}

/* What code_check() accepts in one go is what code_next() gives one by one, wherever a body stands
 * in the window of the reader. */
static void one_by_one(void **state)
{
    (void)state;
    static const char body[] =
        "\0\x41\x80\x01\x42\x7f\x1a\x02\x40\x20\0\x28\2\x80\x01\x0d\0\x0b\x0b";
    AUTO(buf_release) struct buf bytes = BUF_INIT(WASM_MAX);
    AUTO(module_release) struct module module = {0};
    make(&bytes, body, sizeof(body) - 1);
    assert_int_equal(wasm_read(bytes.data, bytes.len, "f", &module, ERR_IGNORED), 0);
    AUTO(reader_release) struct reader reader;
    AUTO(code_release) struct code code;
    struct insn insn = {0};
    static const uint16_t ops[] = {OP_I32_CONST, OP_I64_CONST, OP_DROP, OP_BLOCK, OP_LOCAL_GET,
                                   0x28,         OP_BR_IF,     OP_END,  OP_END};
    AUTO_CLOSE int fd = memory_file(bytes.data, bytes.len);
    reader_init_fd(&reader, fd, "f", ERR_IGNORED);
    code_init(&code, &reader, &module);
    code_begin(&code, 0);
    assert_false(code_locals(&code, &(uint32_t){0}, &(struct value_type){0}));
    for (size_t i = 0; i < COUNT(ops); i++) {
        assert_true(code_next(&code, &insn));
        assert_int_equal(insn.op, ops[i]);
        if (insn.op == OP_I64_CONST)
            assert_int_equal(insn.value, -1);
        if (insn.op == 0x28)
            assert_true(insn.value == 128 && insn.b == 2);
    }
    assert_false(code_next(&code, &insn));
    assert_false(reader_failed(&reader));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks),     cmocka_unit_test(exceptions), cmocka_unit_test(indexes),
        cmocka_unit_test(memory),     cmocka_unit_test(extensions), cmocka_unit_test(locals),
        cmocka_unit_test(one_by_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
