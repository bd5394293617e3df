#include "module/signature.h"

#define GC(n) (OP_PREFIX_GC + 0x##n)
#define MISC(n) (OP_PREFIX_MISC + 0x##n)
#define SIMD(n) (OP_PREFIX_SIMD + 0x##n)
#define ATOM(n) (OP_PREFIX_THREADS + 0x##n)

/* clang-format off */
const char signatures[OP_COUNT][8] = {
    /* nop; tables */
    [0x01] = ":", [0x25] = "a:e", [0x26] = "ae:",
    /* loads */
    [0x28] = "a:i", [0x29] = "a:I", [0x2a] = "a:f", [0x2b] = "a:F", [0x2c ... 0x2f] = "a:i",
    [0x30 ... 0x35] = "a:I",
    /* stores */
    [0x36] = "ai:", [0x37] = "aI:", [0x38] = "af:", [0x39] = "aF:", [0x3a ... 0x3b] = "ai:",
    [0x3c ... 0x3e] = "aI:",
    /* the size of a memory */
    [0x3f] = ":a", [0x40] = "a:a",
    /* constants */
    [0x41] = ":i", [0x42] = ":I", [0x43] = ":f", [0x44] = ":F",
    /* tests and comparisons */
    [0x45] = "i:i", [0x46 ... 0x4f] = "ii:i", [0x50] = "I:i", [0x51 ... 0x5a] = "II:i",
    [0x5b ... 0x60] = "ff:i", [0x61 ... 0x66] = "FF:i",
    /* arithmetic */
    [0x67 ... 0x69] = "i:i", [0x6a ... 0x78] = "ii:i", [0x79 ... 0x7b] = "I:I",
    [0x7c ... 0x8a] = "II:I", [0x8b ... 0x91] = "f:f", [0x92 ... 0x98] = "ff:f",
    [0x99 ... 0x9f] = "F:F", [0xa0 ... 0xa6] = "FF:F",
    /* conversions */
    [0xa7] = "I:i", [0xa8 ... 0xa9] = "f:i", [0xaa ... 0xab] = "F:i", [0xac ... 0xad] = "i:I",
    [0xae ... 0xaf] = "f:I", [0xb0 ... 0xb1] = "F:I", [0xb2 ... 0xb3] = "i:f",
    [0xb4 ... 0xb5] = "I:f", [0xb6] = "F:f", [0xb7 ... 0xb8] = "i:F", [0xb9 ... 0xba] = "I:F",
    [0xbb] = "f:F", [0xbc] = "f:i", [0xbd] = "F:I", [0xbe] = "i:f", [0xbf] = "I:F",
    [0xc0 ... 0xc1] = "i:i", [0xc2 ... 0xc4] = "I:I",
    /* references */
    [OP_REF_EQ] = "qq:i", [GC(0f)] = "y:i", [GC(1c)] = "i:N", [GC(1d) ... GC(1e)] = "n:i",
    /* saturating conversions */
    [MISC(00) ... MISC(01)] = "f:i", [MISC(02) ... MISC(03)] = "F:i", [MISC(04) ... MISC(05)] = "f:I",
    [MISC(06) ... MISC(07)] = "F:I",
    /* memories */
    [MISC(08)] = "aii:", [MISC(09)] = ":", [MISC(0a)] = "abm:", [MISC(0b)] = "aia:",
    /* tables */
    [MISC(0c)] = "aii:", [MISC(0d)] = ":", [MISC(0e)] = "abm:", [MISC(0f)] = "ea:a",
    [MISC(10)] = ":a", [MISC(11)] = "aea:",
    /* wide arithmetic */
    [MISC(13) ... MISC(14)] = "IIII:II", [MISC(15) ... MISC(16)] = "II:II",
    /* loads, a store, a constant */
    [SIMD(00) ... SIMD(0a)] = "a:v", [SIMD(0b)] = "av:", [SIMD(0c)] = ":v",
    /* shuffle, swizzle, splat */
    [SIMD(0d) ... SIMD(0e)] = "vv:v", [SIMD(0f) ... SIMD(11)] = "i:v", [SIMD(12)] = "I:v",
    [SIMD(13)] = "f:v", [SIMD(14)] = "F:v",
    /* a lane */
    [SIMD(15) ... SIMD(16)] = "v:i", [SIMD(17)] = "vi:v", [SIMD(18) ... SIMD(19)] = "v:i",
    [SIMD(1a)] = "vi:v", [SIMD(1b)] = "v:i", [SIMD(1c)] = "vi:v", [SIMD(1d)] = "v:I",
    [SIMD(1e)] = "vI:v", [SIMD(1f)] = "v:f", [SIMD(20)] = "vf:v", [SIMD(21)] = "v:F",
    [SIMD(22)] = "vF:v",
    /* comparisons, bits */
    [SIMD(23) ... SIMD(4c)] = "vv:v", [SIMD(4d)] = "v:v", [SIMD(4e) ... SIMD(51)] = "vv:v",
    [SIMD(52)] = "vvv:v", [SIMD(53)] = "v:i",
    /* loads and stores of one lane, and of the lowest */
    [SIMD(54) ... SIMD(57)] = "av:v", [SIMD(58) ... SIMD(5b)] = "av:", [SIMD(5c) ... SIMD(5d)] = "a:v",
    /* lanes of 8 bits, and some of floats */
    [SIMD(5e) ... SIMD(62)] = "v:v", [SIMD(63) ... SIMD(64)] = "v:i", [SIMD(65) ... SIMD(66)] = "vv:v",
    [SIMD(67) ... SIMD(6a)] = "v:v", [SIMD(6b) ... SIMD(6d)] = "vi:v",
    [SIMD(6e) ... SIMD(73)] = "vv:v", [SIMD(74) ... SIMD(75)] = "v:v",
    [SIMD(76) ... SIMD(79)] = "vv:v", [SIMD(7a)] = "v:v", [SIMD(7b)] = "vv:v",
    /* 16 bits */
    [SIMD(7c) ... SIMD(81)] = "v:v", [SIMD(82)] = "vv:v", [SIMD(83) ... SIMD(84)] = "v:i",
    [SIMD(85) ... SIMD(86)] = "vv:v", [SIMD(87) ... SIMD(8a)] = "v:v",
    [SIMD(8b) ... SIMD(8d)] = "vi:v", [SIMD(8e) ... SIMD(93)] = "vv:v", [SIMD(94)] = "v:v",
    [SIMD(95) ... SIMD(99)] = "vv:v", [SIMD(9b) ... SIMD(9f)] = "vv:v",
    /* 32 bits */
    [SIMD(a0) ... SIMD(a1)] = "v:v", [SIMD(a3) ... SIMD(a4)] = "v:i", [SIMD(a7) ... SIMD(aa)] = "v:v",
    [SIMD(ab) ... SIMD(ad)] = "vi:v", [SIMD(ae)] = "vv:v", [SIMD(b1)] = "vv:v",
    [SIMD(b5) ... SIMD(ba)] = "vv:v", [SIMD(bc) ... SIMD(bf)] = "vv:v",
    /* 64 bits */
    [SIMD(c0) ... SIMD(c1)] = "v:v", [SIMD(c3) ... SIMD(c4)] = "v:i", [SIMD(c7) ... SIMD(ca)] = "v:v",
    [SIMD(cb) ... SIMD(cd)] = "vi:v", [SIMD(ce)] = "vv:v", [SIMD(d1)] = "vv:v",
    [SIMD(d5) ... SIMD(df)] = "vv:v",
    /* floats */
    [SIMD(e0) ... SIMD(e1)] = "v:v", [SIMD(e3)] = "v:v", [SIMD(e4) ... SIMD(eb)] = "vv:v",
    [SIMD(ec) ... SIMD(ed)] = "v:v", [SIMD(ef)] = "v:v", [SIMD(f0) ... SIMD(f7)] = "vv:v",
    [SIMD(f8) ... SIMD(ff)] = "v:v",
    /* relaxed */
    [SIMD(100)] = "vv:v", [SIMD(101) ... SIMD(104)] = "v:v", [SIMD(105) ... SIMD(10c)] = "vvv:v",
    [SIMD(10d) ... SIMD(112)] = "vv:v", [SIMD(113)] = "vvv:v",
    /* notify, wait, fence */
    [ATOM(00)] = "ai:i", [ATOM(01)] = "aiI:i", [ATOM(02)] = "aII:i", [ATOM(03)] = ":",
    /* loads */
    [ATOM(10)] = "a:i", [ATOM(11)] = "a:I", [ATOM(12) ... ATOM(13)] = "a:i",
    [ATOM(14) ... ATOM(16)] = "a:I",
    /* stores */
    [ATOM(17)] = "ai:", [ATOM(18)] = "aI:", [ATOM(19) ... ATOM(1a)] = "ai:",
    [ATOM(1b) ... ATOM(1d)] = "aI:",
    /* read-modify-write: add, sub, and, or, xor, xchg, cmpxchg */
    [ATOM(1e)] = "ai:i", [ATOM(1e) + 1] = "aI:I", [ATOM(1e) + 2 ... ATOM(1e) + 3] = "ai:i",
    [ATOM(1e) + 4 ... ATOM(1e) + 6] = "aI:I",
    [ATOM(25)] = "ai:i", [ATOM(25) + 1] = "aI:I", [ATOM(25) + 2 ... ATOM(25) + 3] = "ai:i",
    [ATOM(25) + 4 ... ATOM(25) + 6] = "aI:I",
    [ATOM(2c)] = "ai:i", [ATOM(2c) + 1] = "aI:I", [ATOM(2c) + 2 ... ATOM(2c) + 3] = "ai:i",
    [ATOM(2c) + 4 ... ATOM(2c) + 6] = "aI:I",
    [ATOM(33)] = "ai:i", [ATOM(33) + 1] = "aI:I", [ATOM(33) + 2 ... ATOM(33) + 3] = "ai:i",
    [ATOM(33) + 4 ... ATOM(33) + 6] = "aI:I",
    [ATOM(3a)] = "ai:i", [ATOM(3a) + 1] = "aI:I", [ATOM(3a) + 2 ... ATOM(3a) + 3] = "ai:i",
    [ATOM(3a) + 4 ... ATOM(3a) + 6] = "aI:I",
    [ATOM(41)] = "ai:i", [ATOM(41) + 1] = "aI:I", [ATOM(41) + 2 ... ATOM(41) + 3] = "ai:i",
    [ATOM(41) + 4 ... ATOM(41) + 6] = "aI:I",
    [ATOM(48)] = "aii:i", [ATOM(48) + 1] = "aII:I", [ATOM(48) + 2 ... ATOM(48) + 3] = "aii:i",
    [ATOM(48) + 4 ... ATOM(48) + 6] = "aII:I",
};
