/* Small WebAssembly modules for tests, from a text. */
#ifndef WASME_TESTS_WASM_BUILDER_H
#define WASME_TESTS_WASM_BUILDER_H

#include <stddef.h>
#include <stdint.h>

/*
 * Items with spaces between them. A signature is written as in module/type.h; v is v128,
 * and r is externref, as parameters.
 *   i:MODULE.NAME/SIG        an imported function; the first one is number 0
 *   im:MODULE.NAME/PAGES     an imported memory; PAGES with an s behind it: shared
 *   it:MODULE.NAME           an imported table; likewise ig: a global, ie: a tag
 *   f:NAME/SIG               an exported function whose results are 1, 1.0 and so on
 *   f:NAME/SIG=N             ... whose only result is N, below 64
 *   f:NAME/SIG!              ... that traps at once
 *   f:NAME/SIG@K             ... that calls the imported function K
 *   f:NAME/SIG?K             ... that may call it
 *   f:NAME/SIG^K             ... that may call it and then traps
 *   f:NAME/SIG+tail          ... with an instruction of an extension: tail, simd
 *   s: with !, @K, ?K, ^K     a start section
 *   m:NAME/PAGES             a memory, exported when it has a name
 *   t:ENTRIES                a table
 *   e:NAME g:NAME            an exported tag, an exported global
 *   xe:HEX xd:HEX            a segment of elements, of data: its bytes
 *   c:NAME                   a custom section
 * Fails the test when the text is wrong. The caller frees the bytes.
 */
uint8_t *build_wasm(const char *items, size_t *len);

#endif
