#include "module/opcode.h"

#define ROW(kind)                                                                                  \
    {                                                                                              \
        .immediate = (kind)                                                                        \
    }
#define WITH(kind, extension)                                                                      \
    {                                                                                              \
        .immediate = (kind), .feature = 1u << (extension)                                          \
    }
#define MEMORY(log2)                                                                               \
    {                                                                                              \
        .immediate = IMM_MEMARG, .align = (log2)                                                   \
    }
#define SIMD(kind) WITH(kind, FEATURE_SIMD)
#define SIMD_MEMORY(log2)                                                                          \
    {                                                                                              \
        .immediate = IMM_MEMARG, .align = (log2), .feature = 1u << FEATURE_SIMD                    \
    }
#define SIMD_LANE(count)                                                                           \
    {                                                                                              \
        .immediate = IMM_LANE, .lanes = (count), .feature = 1u << FEATURE_SIMD                     \
    }
#define SIMD_MEMORY_LANE(log2)                                                                     \
    {                                                                                              \
        .immediate = IMM_MEMARG_LANE, .align = (log2), .lanes = 16 >> (log2),                      \
        .feature = 1u << FEATURE_SIMD                                                              \
    }
#define ATOMIC(log2)                                                                               \
    {                                                                                              \
        .immediate = IMM_MEMARG, .align = (log2), .feature = 1u << FEATURE_THREADS                 \
    }
/* An operation on memory for i32 and i64, and for the parts of each: 8, 16 and 32 bits. */
#define ATOMICS(first)                                                                             \
    [OP_PREFIX_THREADS + (first)] = ATOMIC(2), [OP_PREFIX_THREADS + (first) + 1] = ATOMIC(3),      \
                         [OP_PREFIX_THREADS + (first) + 2] = ATOMIC(0),                            \
                         [OP_PREFIX_THREADS + (first) + 3] = ATOMIC(1),                            \
                         [OP_PREFIX_THREADS + (first) + 4] = ATOMIC(0),                            \
                         [OP_PREFIX_THREADS + (first) + 5] = ATOMIC(1),                            \
                         [OP_PREFIX_THREADS + (first) + 6] = ATOMIC(2)
#define GC(sub) [OP_PREFIX_GC + (sub)]
#define MISC(sub) [OP_PREFIX_MISC + (sub)]
#define VECTOR(sub) [OP_PREFIX_SIMD + (sub)]
#define VECTORS(from, last) [OP_PREFIX_SIMD + (from)... OP_PREFIX_SIMD + (last)]

/* What is not here is IMM_UNKNOWN. */
const struct opcode_row opcode_rows[OP_COUNT] = {
    [OP_UNREACHABLE... OP_NOP] = ROW(IMM_NONE),
    [OP_BLOCK... OP_IF] = ROW(IMM_BLOCK),
    [OP_ELSE] = ROW(IMM_ELSE),
    [OP_TRY] = WITH(IMM_BLOCK, FEATURE_LEGACY_EXCEPTIONS),
    [OP_CATCH] = WITH(IMM_CATCH, FEATURE_LEGACY_EXCEPTIONS),
    [OP_THROW] = ROW(IMM_TAG), /* of both proposals; a tag says which */
    [OP_RETHROW] = WITH(IMM_LABEL, FEATURE_LEGACY_EXCEPTIONS),
    [OP_THROW_REF] = WITH(IMM_NONE, FEATURE_EXCEPTIONS),
    [OP_END] = ROW(IMM_END),
    [OP_BR... OP_BR_IF] = ROW(IMM_LABEL),
    [OP_BR_TABLE] = ROW(IMM_BR_TABLE),
    [OP_RETURN] = ROW(IMM_NONE),
    [OP_CALL] = ROW(IMM_FUNC),
    [OP_CALL_INDIRECT] = ROW(IMM_CALL_INDIRECT),
    [OP_RETURN_CALL] = WITH(IMM_FUNC, FEATURE_TAIL_CALLS),
    [OP_RETURN_CALL_INDIRECT] = WITH(IMM_CALL_INDIRECT, FEATURE_TAIL_CALLS),
    [OP_CALL_REF] = WITH(IMM_TYPE, FEATURE_TYPED_REFS),
    [OP_RETURN_CALL_REF] = {.immediate = IMM_TYPE,
                            .feature = 1u << FEATURE_TYPED_REFS | 1u << FEATURE_TAIL_CALLS},
    [OP_DELEGATE] = WITH(IMM_DELEGATE, FEATURE_LEGACY_EXCEPTIONS),
    [OP_CATCH_ALL] = WITH(IMM_CATCH_ALL, FEATURE_LEGACY_EXCEPTIONS),
    [OP_DROP... OP_SELECT] = ROW(IMM_NONE),
    [OP_SELECT_TYPED] = WITH(IMM_SELECT, FEATURE_REFERENCE_TYPES),
    [OP_TRY_TABLE] = WITH(IMM_TRY_TABLE, FEATURE_EXCEPTIONS),
    [OP_LOCAL_GET... OP_LOCAL_TEE] = ROW(IMM_LOCAL),
    [OP_GLOBAL_GET... OP_GLOBAL_SET] = ROW(IMM_GLOBAL),
    [OP_TABLE_GET... OP_TABLE_SET] = WITH(IMM_TABLE, FEATURE_REFERENCE_TYPES),
    [0x28] = MEMORY(2), /* i32.load, i64.load, f32.load, f64.load */
    [0x29] = MEMORY(3),
    [0x2a] = MEMORY(2),
    [0x2b] = MEMORY(3),
    [0x2c ... 0x2d] = MEMORY(0), /* the parts of i32 */
    [0x2e ... 0x2f] = MEMORY(1),
    [0x30 ... 0x31] = MEMORY(0), /* the parts of i64 */
    [0x32 ... 0x33] = MEMORY(1),
    [0x34 ... 0x35] = MEMORY(2),
    [0x36] = MEMORY(2), /* the stores, likewise */
    [0x37] = MEMORY(3),
    [0x38] = MEMORY(2),
    [0x39] = MEMORY(3),
    [0x3a] = MEMORY(0),
    [0x3b] = MEMORY(1),
    [0x3c] = MEMORY(0),
    [0x3d] = MEMORY(1),
    [0x3e] = MEMORY(2),
    [0x3f ... 0x40] = ROW(IMM_MEMORY), /* memory.size, memory.grow */
    [OP_I32_CONST] = ROW(IMM_I32),
    [OP_I64_CONST] = ROW(IMM_I64),
    [OP_F32_CONST] = ROW(IMM_F32),
    [OP_F64_CONST] = ROW(IMM_F64),
    [0x45 ... 0xbf] = ROW(IMM_NONE),
    [0xc0 ... 0xc4] = WITH(IMM_NONE, FEATURE_SIGN_EXTENSION),
    [OP_REF_NULL] = WITH(IMM_HEAP, FEATURE_REFERENCE_TYPES),
    [OP_REF_IS_NULL] = WITH(IMM_NONE, FEATURE_REFERENCE_TYPES),
    [OP_REF_FUNC] = WITH(IMM_FUNC, FEATURE_REFERENCE_TYPES),
    [OP_REF_EQ] = WITH(IMM_NONE, FEATURE_GC),
    [OP_REF_AS_NON_NULL] = WITH(IMM_NONE, FEATURE_TYPED_REFS),
    [OP_BR_ON_NULL... OP_BR_ON_NON_NULL] = WITH(IMM_LABEL, FEATURE_TYPED_REFS),
    [OP_CONT_NEW] = WITH(IMM_TYPE, FEATURE_STACK_SWITCHING),
    [OP_CONT_BIND] = WITH(IMM_TYPES, FEATURE_STACK_SWITCHING),
    [OP_SUSPEND] = WITH(IMM_TAG, FEATURE_STACK_SWITCHING),
    [OP_RESUME] = WITH(IMM_RESUME, FEATURE_STACK_SWITCHING),
    [OP_RESUME_THROW] = WITH(IMM_RESUME_THROW, FEATURE_STACK_SWITCHING),
    [OP_SWITCH] = WITH(IMM_TYPE_TAG, FEATURE_STACK_SWITCHING),

    GC(0) = WITH(IMM_TYPE, FEATURE_GC), /* struct.new, struct.new_default */
    GC(1) = WITH(IMM_TYPE, FEATURE_GC),
    [OP_PREFIX_GC + 2 ... OP_PREFIX_GC + 5] = WITH(IMM_FIELD, FEATURE_GC),
    [OP_PREFIX_GC + 6 ... OP_PREFIX_GC + 7] = WITH(IMM_TYPE, FEATURE_GC),
    GC(8) = WITH(IMM_TYPE_COUNT, FEATURE_GC),    /* array.new_fixed */
    GC(9) = WITH(IMM_TYPE_DATA, FEATURE_GC),     /* array.new_data */
    GC(10) = WITH(IMM_TYPE_ELEMENT, FEATURE_GC), /* array.new_elem */
    [OP_PREFIX_GC + 11 ... OP_PREFIX_GC + 14] = WITH(IMM_TYPE, FEATURE_GC),
    GC(15) = WITH(IMM_NONE, FEATURE_GC),          /* array.len */
    GC(16) = WITH(IMM_TYPE, FEATURE_GC),          /* array.fill */
    GC(17) = WITH(IMM_TYPES, FEATURE_GC),         /* array.copy */
    GC(18) = WITH(IMM_TYPE_DATA, FEATURE_GC),     /* array.init_data */
    GC(19) = WITH(IMM_TYPE_ELEMENT, FEATURE_GC),  /* array.init_elem */
    GC(20) = WITH(IMM_HEAP_NOT_NULL, FEATURE_GC), /* ref.test */
    GC(21) = WITH(IMM_HEAP, FEATURE_GC),
    GC(22) = WITH(IMM_HEAP_NOT_NULL, FEATURE_GC), /* ref.cast */
    GC(23) = WITH(IMM_HEAP, FEATURE_GC),
    [OP_PREFIX_GC + 24 ... OP_PREFIX_GC + 25] = WITH(IMM_CAST_BRANCH, FEATURE_GC),
    [OP_PREFIX_GC + 26 ... OP_PREFIX_GC + 30] = WITH(IMM_NONE, FEATURE_GC),

    [OP_PREFIX_MISC... OP_PREFIX_MISC + 7] = WITH(IMM_NONE, FEATURE_SAT_FLOAT),
    MISC(8) = WITH(IMM_MEMORY_INIT, FEATURE_BULK_MEMORY),
    MISC(9) = WITH(IMM_DATA, FEATURE_BULK_MEMORY),      /* data.drop */
    MISC(10) = WITH(IMM_MEMORIES, FEATURE_BULK_MEMORY), /* memory.copy */
    MISC(11) = WITH(IMM_MEMORY, FEATURE_BULK_MEMORY),   /* memory.fill */
    MISC(12) = WITH(IMM_TABLE_INIT, FEATURE_BULK_MEMORY),
    MISC(13) = WITH(IMM_ELEMENT, FEATURE_BULK_MEMORY), /* elem.drop */
    MISC(14) = WITH(IMM_TABLES, FEATURE_BULK_MEMORY),  /* table.copy */
    [OP_PREFIX_MISC + 15 ... OP_PREFIX_MISC + 17] = WITH(IMM_TABLE, FEATURE_REFERENCE_TYPES),
    [OP_PREFIX_MISC + 19 ... OP_PREFIX_MISC + 22] = WITH(IMM_NONE, FEATURE_WIDE_ARITHMETIC),

    VECTOR(0x00) = SIMD_MEMORY(4), /* v128.load */
    VECTORS(0x01, 0x06) = SIMD_MEMORY(3),
    VECTOR(0x07) = SIMD_MEMORY(0), /* splats */
    VECTOR(0x08) = SIMD_MEMORY(1),
    VECTOR(0x09) = SIMD_MEMORY(2),
    VECTOR(0x0a) = SIMD_MEMORY(3),
    VECTOR(0x0b) = SIMD_MEMORY(4), /* v128.store */
    VECTOR(0x0c) = SIMD(IMM_V128),
    VECTOR(0x0d) = SIMD(IMM_SHUFFLE),
    VECTORS(0x0e, 0x14) = SIMD(IMM_NONE),
    VECTORS(0x15, 0x17) = SIMD_LANE(16), /* extract and replace */
    VECTORS(0x18, 0x1a) = SIMD_LANE(8),
    VECTORS(0x1b, 0x1c) = SIMD_LANE(4),
    VECTORS(0x1d, 0x1e) = SIMD_LANE(2),
    VECTORS(0x1f, 0x20) = SIMD_LANE(4),
    VECTORS(0x21, 0x22) = SIMD_LANE(2),
    VECTORS(0x23, 0x53) = SIMD(IMM_NONE),
    VECTOR(0x54) = SIMD_MEMORY_LANE(0), /* v128.load8_lane ... */
    VECTOR(0x55) = SIMD_MEMORY_LANE(1),
    VECTOR(0x56) = SIMD_MEMORY_LANE(2),
    VECTOR(0x57) = SIMD_MEMORY_LANE(3),
    VECTOR(0x58) = SIMD_MEMORY_LANE(0), /* v128.store8_lane ... */
    VECTOR(0x59) = SIMD_MEMORY_LANE(1),
    VECTOR(0x5a) = SIMD_MEMORY_LANE(2),
    VECTOR(0x5b) = SIMD_MEMORY_LANE(3),
    VECTOR(0x5c) = SIMD_MEMORY(2), /* v128.load32_zero, v128.load64_zero */
    VECTOR(0x5d) = SIMD_MEMORY(3),
    VECTORS(0x5e, 0x99) = SIMD(IMM_NONE),
    VECTORS(0x9b, 0xa1) = SIMD(IMM_NONE),
    VECTORS(0xa3, 0xa4) = SIMD(IMM_NONE),
    VECTORS(0xa7, 0xae) = SIMD(IMM_NONE),
    VECTOR(0xb1) = SIMD(IMM_NONE),
    VECTORS(0xb5, 0xba) = SIMD(IMM_NONE),
    VECTORS(0xbc, 0xc1) = SIMD(IMM_NONE),
    VECTORS(0xc3, 0xc4) = SIMD(IMM_NONE),
    VECTORS(0xc7, 0xce) = SIMD(IMM_NONE),
    VECTOR(0xd1) = SIMD(IMM_NONE),
    VECTORS(0xd5, 0xe1) = SIMD(IMM_NONE),
    VECTORS(0xe3, 0xed) = SIMD(IMM_NONE),
    VECTORS(0xef, 0xff) = SIMD(IMM_NONE),
    VECTORS(0x100, 0x113) = WITH(IMM_NONE, FEATURE_RELAXED_SIMD),

    [OP_PREFIX_THREADS... OP_PREFIX_THREADS + 1] = ATOMIC(2), /* notify, wait32 */
    [OP_PREFIX_THREADS + 2] = ATOMIC(3),                      /* wait64 */
    [OP_PREFIX_THREADS + 3] = WITH(IMM_FENCE, FEATURE_THREADS),
    ATOMICS(0x10), /* load */
    ATOMICS(0x17), /* store */
    ATOMICS(0x1e), /* add */
    ATOMICS(0x25), /* sub */
    ATOMICS(0x2c), /* and */
    ATOMICS(0x33), /* or */
    ATOMICS(0x3a), /* xor */
    ATOMICS(0x41), /* xchg */
    ATOMICS(0x48), /* cmpxchg */
};
