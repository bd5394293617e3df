/* The types of the binary format (WebAssembly core specification 3.0, chapter 5.3). */
#ifndef WASME_MODULE_TYPE_H
#define WASME_MODULE_TYPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The codes of value types (5.3.1 to 5.3.5); the others are short forms of references to abstract
 * heap types, 0x69 (exnref) to 0x74 (nullexnref). */
enum value_code {
    VALUE_I32 = 0x7f,
    VALUE_I64 = 0x7e,
    VALUE_F32 = 0x7d,
    VALUE_F64 = 0x7c,
    VALUE_V128 = 0x7b,
    VALUE_FUNCREF = 0x70,
    VALUE_EXTERNREF = 0x6f,
    VALUE_EXNREF = 0x69,
    VALUE_REF = 0x64,      /* (ref ht) */
    VALUE_REF_NULL = 0x63, /* (ref null ht) */
};

struct value_type {
    uint8_t code;
    int32_t heap; /* with VALUE_REF and VALUE_REF_NULL: the index of a type, or a negative number,
                     the heap type as the binary format writes it (s33); else 0. A nullable
                     reference to an abstract heap type has the short form as its code. */
};

enum type_form { TYPE_FUNC, TYPE_STRUCT, TYPE_ARRAY, TYPE_CONT };

/* The fields of structs and arrays (5.3.10): the codes of those that are packed, and what is added
 * to the code of those that may change. */
#define VALUE_I8 0x78
#define VALUE_I16 0x77
#define FIELD_MUTABLE 0x80

/* A type of the type section. */
struct module_type {
    enum type_form form;
    uint32_t param_count, result_count; /* the fields of a struct or array count as parameters */
    const struct value_type *values;    /* the parameters, then the results; of the module */
    uint32_t super;                     /* the index of the type that it extends, or NO_TYPE */
    bool open;                          /* not final: others may extend it */
    uint32_t same;                      /* the index of the first type that is equal to it */
    uint32_t group;                     /* the index of the first type of its recursion group */
};
#define NO_TYPE UINT32_MAX

/* Of a memory in pages, of a table in entries. */
struct limits {
    uint64_t min, max;
    bool has_max, shared, wide; /* wide: the addresses are i64 */
    /* Of a memory: log2 of the bytes of a page; 16 without the custom page sizes proposal. */
    uint8_t page_bits;
};

struct table_type {
    struct value_type element;
    struct limits limits;
};

struct global_type {
    struct value_type value;
    bool mutable;
};

bool value_type_same(struct value_type a, struct value_type b);
/* "i32", "funcref", "(ref null 3)": as the text format writes it. The caller frees it. */
char *value_type_text(struct value_type type);

/*
 * Signatures as texts, as the tables of hosts have them: one letter a value, i (i32), I (i64),
 * f (f32), F (f64), and after the ':' the result; "iIi:i", ":" for () -> ().
 */
/* Is it the type of that signature? */
bool type_has_signature(const struct module_type *type, const char *signature);
/* "i32 i32 -> i32", as Envoy writes it in its log; "void" for no values. Owned by the caller. */
char *type_words(const struct module_type *type);
char *signature_words(const char *signature);

#endif
