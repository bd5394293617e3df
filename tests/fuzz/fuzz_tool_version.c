/* Any text as the version that a compiler prints. */
#include <stdint.h>
#include <stdlib.h>

#include "base/mem.h"
#include "toolchain/go_tool.h"
#include "toolchain/tinygo_flags.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct version *version)
{
    if (version->major < 0 || version->minor < 0 || version->patch < 0)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO_FREE char *text = mem_dup_n((const char *)data, size);
    AUTO_FREE char *what = NULL;
    AUTO_FREE char *fix = NULL;
    AUTO(args_release) struct args args = {0};
    struct tinygo_facts facts = {.main = GO_MAIN_CODE};
    struct version go;
    tinygo_read_version(text, &facts);
    check(&facts.tinygo);
    check(&facts.go);
    if (tinygo_refuses_go(&facts, &what, &fix) != (what && fix))
        abort();
    tinygo_warn(&facts, NULL);
    tinygo_command(&facts, "/w/filter.wasm", NULL, &args);
    if (go_read_version(text, &go) != version_known(&go) && go.major)
        abort();
    check(&go);
    return 0;
}
