#include "cmd/serve/size_limit.h"

#include "base/mem.h"
#include "cmd/log.h"
#include "cmd/table.h"
#include "image/gateway.h"

bool size_limit_exceeds(long long bytes)
{
    return bytes > GATEWAY_SERVED_MAX;
}

void size_limit_warn(const char *name, long long bytes)
{
    char size[32];
    if (!size_limit_exceeds(bytes))
        return;
    table_size(bytes, size);
    AUTO_FREE char *what =
        mem_printf("%s is too large for Envoy's remote code. " SIZE_LIMIT_WORDS, name);
    log_warning(what, "size", size, NULL);
}
