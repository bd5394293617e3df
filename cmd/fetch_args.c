#include "cmd/fetch_args.h"

#include "image/index.h"

int fetch_args_read(const struct fetch_args *args, struct platform *platform,
                    struct fetch_wish *wish, struct err *err)
{
    int rc = args->platform ? platform_parse(args->platform, platform, err) : 0;
    *wish = (struct fetch_wish){.max_size = args->max_size, .whole = true};
    wish->platform = args->platform ? platform : NULL;
    return rc;
}
