/*
 * The instructions of WebAssembly 3.0 (core specification, chapter 5.4) and of the proposals of
 * module/feature.h: the immediates of each, and the extension that it comes from.
 */
#ifndef WASME_MODULE_OPCODE_H
#define WASME_MODULE_OPCODE_H

#include <stdint.h>

#include "module/feature.h"

/*
 * An instruction is known by one number: its byte, or the number behind a prefix byte plus the base
 * of that prefix.
 */
enum opcode {
    OP_UNREACHABLE = 0x00,
    OP_NOP = 0x01,
    OP_BLOCK = 0x02,
    OP_LOOP = 0x03,
    OP_IF = 0x04,
    OP_ELSE = 0x05,
    OP_TRY = 0x06,
    OP_CATCH = 0x07,
    OP_THROW = 0x08,
    OP_RETHROW = 0x09,
    OP_THROW_REF = 0x0a,
    OP_END = 0x0b,
    OP_BR = 0x0c,
    OP_BR_IF = 0x0d,
    OP_BR_TABLE = 0x0e,
    OP_RETURN = 0x0f,
    OP_CALL = 0x10,
    OP_CALL_INDIRECT = 0x11,
    OP_RETURN_CALL = 0x12,
    OP_RETURN_CALL_INDIRECT = 0x13,
    OP_CALL_REF = 0x14,
    OP_RETURN_CALL_REF = 0x15,
    OP_DELEGATE = 0x18,
    OP_CATCH_ALL = 0x19,
    OP_DROP = 0x1a,
    OP_SELECT = 0x1b,
    OP_SELECT_TYPED = 0x1c,
    OP_TRY_TABLE = 0x1f,
    OP_LOCAL_GET = 0x20,
    OP_LOCAL_SET = 0x21,
    OP_LOCAL_TEE = 0x22,
    OP_GLOBAL_GET = 0x23,
    OP_GLOBAL_SET = 0x24,
    OP_TABLE_GET = 0x25,
    OP_TABLE_SET = 0x26,
    OP_I32_CONST = 0x41,
    OP_I64_CONST = 0x42,
    OP_F32_CONST = 0x43,
    OP_F64_CONST = 0x44,
    OP_REF_NULL = 0xd0,
    OP_REF_IS_NULL = 0xd1,
    OP_REF_FUNC = 0xd2,
    OP_REF_EQ = 0xd3,
    OP_REF_AS_NON_NULL = 0xd4,
    OP_BR_ON_NULL = 0xd5,
    OP_BR_ON_NON_NULL = 0xd6,
    OP_CONT_NEW = 0xe0,
    OP_CONT_BIND = 0xe1,
    OP_SUSPEND = 0xe2,
    OP_RESUME = 0xe3,
    OP_RESUME_THROW = 0xe4,
    OP_SWITCH = 0xe5,
    OP_PREFIX_GC = 0x100,      /* 0xfb */
    OP_PREFIX_MISC = 0x200,    /* 0xfc: saturating conversions, bulk memory, wide arithmetic */
    OP_PREFIX_SIMD = 0x300,    /* 0xfd; the relaxed instructions are 0x400 on */
    OP_PREFIX_THREADS = 0x500, /* 0xfe */
    OP_COUNT = 0x600,
};

/* What stands behind an instruction, and where struct insn (module/code.h) has it. */
enum immediate {
    IMM_UNKNOWN, /* there is no such instruction */
    IMM_NONE,
    IMM_LOCAL, /* a */
    IMM_I32,   /* value, sign-extended */
    IMM_I64,
    IMM_MEMARG,        /* a memory, b log2 of the alignment, value the offset */
    IMM_END,           /* end */
    IMM_BLOCK,         /* block, loop, if, try: `block` */
    IMM_ELSE,          /* else */
    IMM_LABEL,         /* a: how many blocks outwards */
    IMM_BR_TABLE,      /* count and list: `count` + 1 labels, the last is the default */
    IMM_FUNC,          /* a */
    IMM_CALL_INDIRECT, /* a type, b table */
    IMM_GLOBAL,        /* a */
    IMM_F32,           /* value: the 32 bits */
    IMM_F64,           /* value: the 64 bits */
    IMM_TYPE,          /* a */
    IMM_TABLE,         /* a */
    IMM_TABLES,        /* a the table copied to, b from */
    IMM_TABLE_INIT,    /* a element segment, b table */
    IMM_MEMORY,        /* a */
    IMM_MEMORIES,      /* a the memory copied to, b from */
    IMM_MEMORY_INIT,   /* a data segment, b memory */
    IMM_DATA,          /* a data segment */
    IMM_ELEMENT,       /* a element segment */
    IMM_SELECT,        /* type */
    IMM_HEAP,          /* type: (ref null ht) */
    IMM_HEAP_NOT_NULL, /* type: (ref ht) */
    IMM_TAG,           /* a */
    IMM_CATCH,         /* a tag; legacy catch */
    IMM_CATCH_ALL,     /* legacy */
    IMM_DELEGATE,      /* a label, counted from outside the try; ends the try */
    IMM_TRY_TABLE,     /* block; count and list: the catch clauses */
    IMM_LANE,          /* lane */
    IMM_MEMARG_LANE,   /* as IMM_MEMARG, and lane */
    IMM_V128,          /* list: 16 bytes */
    IMM_SHUFFLE,       /* list: 16 lanes below 32 */
    IMM_FENCE,         /* a zero byte */
    IMM_FIELD,         /* a struct type, b field */
    IMM_TYPES,         /* a and b: types (array.copy, cont.bind) */
    IMM_TYPE_COUNT,    /* a type, b how many operands (array.new_fixed) */
    IMM_TYPE_DATA,     /* a type, b data segment */
    IMM_TYPE_ELEMENT,  /* a type, b element segment */
    IMM_CAST_BRANCH,   /* a label; type from, to */
    IMM_RESUME,        /* a type; count and list: the handlers */
    IMM_RESUME_THROW,  /* a type, b tag; count and list: the handlers */
    IMM_TYPE_TAG,      /* a type, b tag (switch) */
    IMM_COUNT,
};

struct opcode_row {
    uint8_t immediate; /* enum immediate */
    uint8_t align;     /* memory instructions: log2 of the bytes that are read or written */
    uint8_t lanes;     /* lane instructions: how many lanes there are */
    uint32_t feature;  /* 1u << enum feature; 0: in 1.0 */
};

extern const struct opcode_row opcode_rows[OP_COUNT]; /* by enum opcode */

#endif
