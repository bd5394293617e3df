/* Any text as a Go file and as a go.mod. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "toolchain/gobuild.h"
#include "toolchain/gosource.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct gobuild tinygo = {.compiler = "tinygo", .tags = "mine,other"};
    static const struct gobuild go = {.compiler = "gc"};
    AUTO_FREE char *text = mem_dup_n((const char *)data, size);
    AUTO_FREE char *name = mem_dup_n(text, strcspn(text, "\n/"));
    AUTO_FREE char *file = mem_printf("%s.go", name);
    (void)gosource_main_in(text);
    (void)gosource_requires(text, "github.com/tetratelabs/proxy-wasm-go-sdk");
    (void)gobuild_takes(&go, name, text);
    (void)gobuild_takes(&go, file, text);
    /* A constraint above the package clause that is not met goes before all that follows. */
    AUTO_FREE char *ignored = mem_printf("//go:build ignore\n%s", text);
    if (gobuild_takes(&tinygo, "main.go", ignored))
        abort();
    (void)gobuild_takes(&tinygo, "main.go", text);
    return 0;
}
