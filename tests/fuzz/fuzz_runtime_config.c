/* Runtime configs: a config that was read and written gives the same bytes again. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "image/runtime_config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO(err_release) struct err err = ERR_INIT;
    AUTO(runtime_config_release) struct runtime_config config = {0};
    AUTO(runtime_config_release) struct runtime_config again = {0};
    AUTO(buf_release) struct buf first = BUF_INIT(1 << 24);
    AUTO(buf_release) struct buf second = BUF_INIT(1 << 24);
    if (runtime_config_parse((const char *)data, size, &config, &err) != 0)
        return 0;
    runtime_config_write(&config, &first);
    if (buf_overflowed(&first))
        return 0;
    if (runtime_config_parse(buf_text(&first), first.len, &again, &err) != 0)
        abort();
    runtime_config_write(&again, &second);
    if (strcmp(buf_text(&first), buf_text(&second)) != 0)
        abort();
    return 0;
}
