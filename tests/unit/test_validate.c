/* The types of instructions: each rule once, in a module that has everything. */
#include "tests/unit/files.h"

#include "unit.h"

#include <unistd.h>

#include "module/validate.h"

/* The types of the module. */
enum {
    NONE,        /* () -> () */
    I32,         /* () -> i32 */
    I32_TO_I32,  /* (i32) -> i32 */
    SWAPS,       /* (i32, i64) -> (i64, i32) */
    I32_TO_NONE, /* (i32) -> () */
    FUNCREF,     /* () -> funcref */
    PAIR,        /* a struct: a mutable i32, an i8 */
    LONGS,       /* an array of mutable i64 */
};

static const char head[] = "\0asm\1\0\0\0"
                           /* types */
                           "\1\x25\x08"
                           "\x60\0\0"
                           "\x60\0\1\x7f"
                           "\x60\1\x7f\1\x7f"
                           "\x60\2\x7f\x7e\2\x7e\x7f"
                           "\x60\1\x7f\0"
                           "\x60\0\1\x70"
                           "\x5f\2\x7f\1\x78\0"
                           "\x5e\x7e\1"
                           /* import of env.f, (i32) -> i32 */
                           "\2\x09\1\3env\1f\0\2";
static const char between[] = /* tables: of functions, of externref, and of functions by i64 */
    "\4\x0a\3\x70\0\1\x6f\0\1\x70\4\1"
    /* memories: by i32 and by i64 */
    "\5\5\2\0\1\4\1"
    /* a tag of (i32) */
    "\x0d\3\1\0\4"
    /* globals: a mutable i32, an i64 */
    "\6\x0b\2\x7f\1\x41\0\x0b\x7e\0\x42\0\x0b"
    /* exports f */
    "\7\5\1\1f\0\0"
    /* a segment of functions, and of externref */
    "\x09\7\2\5\x70\0\5\x6f\0"
    /* one data segment */
    "\x0c\1\1";
static const char tail[] = "\x0b\3\1\1\0";

struct bytes {
    uint8_t data[512];
    size_t len;
};

static void add(struct bytes *out, const void *data, size_t len)
{
    assert_true(out->len + len <= sizeof(out->data));
    memcpy(out->data + out->len, data, len);
    out->len += len;
}

/* A LEB128 number of three bytes. */
static void add_number(struct bytes *out, size_t number)
{
    const uint8_t digits[] = {(uint8_t)(number | 0x80), (uint8_t)(number >> 7 | 0x80),
                              (uint8_t)(number >> 14 & 0x7f)};
    add(out, digits, sizeof(digits));
}

/* Validates the module with one function of that type; its body is the locals and instructions. */
static void validate(uint8_t type, const void *body, size_t len, struct validation *out)
{
    static struct bytes bytes;
    AUTO(module_release) struct module module = {0};
    struct err err = ERR_INIT;
    bytes.len = 0;
    add(&bytes, head, sizeof(head) - 1);
    add(&bytes, (const uint8_t[]){3, 2, 1, type}, 4);
    add(&bytes, between, sizeof(between) - 1);
    add(&bytes, "\x0a", 1);
    add_number(&bytes, len + 4);
    add(&bytes, "\1", 1);
    add_number(&bytes, len);
    add(&bytes, body, len);
    add(&bytes, tail, sizeof(tail) - 1);
    AUTO_CLOSE int fd = memory_file(bytes.data, bytes.len);
    assert_ok(module_read(fd, "f.wasm", &module, &err), &err);
    assert_ok(module_validate(fd, &module, out, &err), &err);
}

static void expect(int line, uint8_t type, const char *body, size_t len, const char *why)
{
    AUTO(validation_release) struct validation found = {0};
    validate(type, body, len, &found);
    if (!why && found.result != MODULE_VALID)
        fail_msg("line %d: %s", line, found.why);
    if (why && (found.result == MODULE_VALID || !strstr(found.why, why)))
        fail_msg("line %d: \"%s\" does not say \"%s\"", line, found.why ? found.why : "valid", why);
}

/* The bodies: their locals come first, "\0" for none. */
#define VALID(type, body) expect(__LINE__, type, body, sizeof(body) - 1, NULL)
#define INVALID(type, body, why) expect(__LINE__, type, body, sizeof(body) - 1, why)

static void numbers(void **state)
{
    (void)state;
    VALID(NONE, "\0\x0b");
    VALID(I32, "\0\x41\1\x41\2\x6a\x0b");
    INVALID(I32, "\0\x41\1\x42\2\x6a\x0b",
            "function 1: type mismatch: expected i32, found i64, at");
    INVALID(I32, "\0\x0b", "expected i32, found no operand");
    INVALID(NONE, "\0\x41\1\x0b", "expected no further operand at the end of a block, found i32");
    INVALID(NONE, "\0\x1a\x0b", "found no operand");
    VALID(I32, "\0\xfd\x0c\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\xfd\x15\3\x0b");
    INVALID(I32, "\0\x41\0\xfd\x15\3\x0b", "expected v128, found i32");
    VALID(I32, "\0\x43\0\0\0\0\xfc\0\x0b");
    INVALID(I32, "\0\x42\0\xfc\0\x0b", "expected f32, found i64");
    INVALID(I32, "\0\x42\0\xc0\x0b", "expected i32, found i64");
}

static void variables(void **state)
{
    (void)state;
    VALID(I32_TO_I32, "\1\1\x7e\x42\0\x21\1\x20\0\x0b");
    INVALID(I32_TO_I32, "\1\1\x7e\x20\1\x0b", "expected i32, found i64");
    INVALID(I32_TO_I32, "\1\1\x7e\x41\0\x22\1\x0b", "expected i64, found i32");
    VALID(NONE, "\0\x23\0\x24\0\x0b");
    INVALID(NONE, "\0\x23\1\x24\1\x0b", "global 1 is not mutable");
    INVALID(NONE, "\0\x42\0\x24\0\x0b", "expected i32, found i64");
}

static void memories_and_tables(void **state)
{
    (void)state;
    VALID(I32, "\0\x41\0\x28\2\0\x0b");
    INVALID(I32, "\0\x42\0\x28\2\0\x0b", "expected i32, found i64");
    VALID(I32, "\0\x42\0\x28\x42\1\0\x0b");
    INVALID(I32, "\0\x41\0\x28\x42\1\0\x0b", "expected i64, found i32");
    VALID(NONE, "\0\x42\0\x41\0\x41\0\xfc\x0a\1\0\x0b");
    INVALID(NONE, "\0\x42\0\x41\0\x42\0\xfc\x0a\1\0\x0b", "expected i32, found i64");
    VALID(I32, "\0\x41\0\x41\1\xfe\x1e\2\0\x0b");
    VALID(NONE, "\0\x41\0\xd0\x70\x26\0\x0b");
    INVALID(NONE, "\0\x41\0\xd0\x6f\x26\0\x0b", "expected funcref, found externref");
    VALID(NONE, "\0\x41\0\x41\0\x41\0\xfc\x0c\0\0\x0b");
    INVALID(NONE, "\0\x41\0\x41\0\x41\0\xfc\x0c\1\0\x0b", "not of the type of the table");
    INVALID(NONE, "\0\x41\0\x41\0\x41\0\xfc\x0e\0\1\x0b", "not of the type of the table");
}

static void blocks_and_branches(void **state)
{
    (void)state;
    VALID(I32, "\0\x02\x7f\x41\0\x0b\x0b");
    INVALID(I32, "\0\x02\x7e\x42\0\x0b\x0b", "expected i32, found i64");
    VALID(I32, "\0\x41\0\x04\x7f\x41\1\x05\x41\2\x0b\x0b");
    INVALID(I32, "\0\x41\0\x04\x7f\x41\1\x0b\x0b", "an if without an else");
    INVALID(I32, "\0\x41\0\x02\x40\x1a\x0b\x0b", "found no operand");
    /* The label of a loop takes the parameters: SWAPS leaves them the other way round. */
    VALID(NONE, "\0\x41\1\x42\2\x03\3\x00\x0b\x1a\x1a\x0b");
    INVALID(NONE, "\0\x41\1\x42\2\x03\3\x0b\x1a\x1a\x0b", "expected i32, found i64");
    VALID(I32, "\0\x41\1\x41\0\x0d\0\x0b");
    INVALID(I32, "\0\x41\0\x0d\0\x0b", "expected i32, found no operand");
    INVALID(I32, "\0\x02\x40\x41\0\x41\0\x0e\1\0\1\x0b\x41\0\x0b", "br_table");
    VALID(I32, "\0\x00\x6a\x0b");
    INVALID(I32, "\0\x00\x42\0\x6a\x0b", "expected i32, found i64");
    VALID(I32, "\0\x41\0\x0f\x1a\x0b");
    VALID(I32, "\0\x41\0\x41\1\x41\2\x1b\x0b");
    INVALID(I32, "\0\x41\0\x42\1\x41\2\x1b\x0b", "a select without a type");
    INVALID(FUNCREF, "\0\xd0\x70\xd0\x70\x41\2\x1b\x0b", "a select without a type");
    VALID(FUNCREF, "\0\xd0\x70\xd0\x70\x41\2\x1c\1\x70\x0b");
}

static void calls(void **state)
{
    (void)state;
    VALID(I32, "\0\x41\0\x10\0\x0b");
    INVALID(I32, "\0\x42\0\x10\0\x0b", "expected i32, found i64");
    VALID(I32, "\0\x41\0\x12\0\x0b");
    INVALID(NONE, "\0\x41\0\x12\0\x0b", "a tail call of a function with other results");
    VALID(I32, "\0\x41\1\x41\0\x11\2\0\x0b");
    INVALID(I32, "\0\x41\1\x41\0\x11\2\1\x0b", "a table that is not of functions");
    VALID(I32, "\0\x41\1\x42\0\x11\2\2\x0b");
    VALID(FUNCREF, "\0\xd2\0\x0b");
    VALID(I32, "\0\xd2\0\xd1\x0b");
    INVALID(I32, "\0\x41\0\xd1\x0b", "expected a reference, found i32");
    VALID(I32, "\0\x41\1\xd2\0\x14\2\x0b");
    INVALID(I32, "\0\x41\1\xd0\x70\x14\2\x0b", "expected (ref null 2), found funcref");
}

/* Engines differ about code that is never reached because a reference is always null. */
static void always_null(void **state)
{
    AUTO(validation_release) struct validation found = {0};
    AUTO(validation_release) struct validation other = {0};
    (void)state;
    validate(I32, "\0\xd0\x71\xd4\x1a\x42\0\x0b", 8, &found);
    assert_int_equal(found.result, MODULE_NOT_VALIDATED);
    validate(I32, "\0\xd0\x70\xd4\x1a\x42\0\x0b", 8, &other);
    assert_int_equal(other.result, MODULE_INVALID);
}

static void exceptions(void **state)
{
    (void)state;
    VALID(NONE, "\0\x41\0\x08\0\x0b");
    INVALID(NONE, "\0\x42\0\x08\0\x0b", "expected i32, found i64");
    VALID(I32, "\0\x1f\x7f\1\0\0\0\x41\0\x0b\x0b");
    INVALID(NONE, "\0\x1f\x40\1\0\0\0\x0b\x0b", "a catch clause that takes other operands");
    INVALID(I32, "\0\x1f\x7f\1\1\0\0\x41\0\x0b\x0b", "takes no exnref");
    INVALID(NONE, "\0\xd0\x70\x0a\x0b", "expected exnref, found funcref");
    VALID(NONE, "\0\x06\x40\x07\0\x1a\x0b\x0b");
    INVALID(NONE, "\0\x06\x40\x07\0\x0b\x0b", "expected no further operand");
    VALID(NONE, "\0\x06\x40\x19\x09\0\x0b\x0b");
}

static void structs_and_arrays(void **state)
{
    (void)state;
    VALID(I32, "\0\x41\1\x41\2\xfb\0\6\xfb\2\6\0\x0b");
    INVALID(I32, "\0\xfb\1\6\xfb\2\6\1\x0b", "a packed field is read without extending it");
    INVALID(NONE, "\0\xfb\1\6\x41\0\xfb\5\6\1\x0b", "a field that is not mutable");
    VALID(NONE, "\0\x41\1\xfb\7\7\x41\0\x42\0\xfb\x0e\7\x0b");
    INVALID(NONE, "\0\x41\1\xfb\7\7\x41\0\x41\0\xfb\x0e\7\x0b", "expected i64, found i32");
    INVALID(NONE, "\1\1\x64\6\x20\0\x1a\x0b", "local 0 has no value yet");
    VALID(NONE, "\1\1\x64\6\xfb\1\6\x21\0\x20\0\x1a\x0b");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers),
        cmocka_unit_test(variables),
        cmocka_unit_test(memories_and_tables),
        cmocka_unit_test(blocks_and_branches),
        cmocka_unit_test(calls),
        cmocka_unit_test(always_null),
        cmocka_unit_test(exceptions),
        cmocka_unit_test(structs_and_arrays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
