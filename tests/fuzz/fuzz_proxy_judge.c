/* Any module and each proxy: one verdict, with its reason and the next step. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "module/module.h"
#include "module/proxy.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { WORDS_MAX = 8192 };

static void judge(enum proxy proxy, const struct module *module)
{
    AUTO(proxy_verdict_release) struct proxy_verdict verdict;
    proxy_judge(proxy, module, &verdict);
    if (verdict.loads != !verdict.because || verdict.loads != !verdict.next)
        abort();
    if (verdict.loads ? !verdict.abi : verdict.note != NULL)
        abort();
    if ((verdict.because && strlen(verdict.because) > WORDS_MAX) ||
        (verdict.next && strlen(verdict.next) > WORDS_MAX))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO(module_release) struct module module = {0};
    if (module_read_bytes(data, size, "fuzz", &module, ERR_IGNORED) != 0)
        return 0;
    judge(PROXY_ENVOY, &module);
    judge(PROXY_HIGRESS, &module);
    return 0;
}
