#include "toolchain/clang_abi.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/mem.h"
#include "module/host/host.h"

#define LIST_MAX (256 * 1024)

/* The same name from several hosts does no harm to the linker. */
static void add_host(const struct host_choice *host, struct buf *exports, struct buf *imports)
{
    struct host_row row;
    const char *marker = NULL, *abi = NULL;
    for (size_t i = 0; host_marker_at(host, i, &marker, &abi); i++)
        buf_printf(exports, "-Wl,--export-if-defined=%s\n", marker);
    for (size_t i = 0; host_callback_at(host, i, &row); i++)
        buf_printf(exports, "-Wl,--export-if-defined=%s\n", row.name);
    for (size_t i = 0; host_function_at(host, i, &row); i++)
        if (strcmp(row.module, "env") == 0)
            buf_printf(imports, "%s\n", row.name);
}

static int write_list(const char *folder, const char *name, const struct buf *list, char **out,
                      struct err *err)
{
    AUTO_FREE char *path = mem_printf("%s/%s", folder, name);
    if (unlink(path) != 0 && errno != ENOENT)
        return err_errno(err, "remove %s", path);
    int rc = file_create(AT_FDCWD, path, buf_text(list), list->len, err);
    if (!rc)
        *out = STEAL(path);
    return rc;
}

int clang_abi_write(const char *folder, char **exports, char **imports, struct err *err)
{
    AUTO(buf_release) struct buf out = BUF_INIT(LIST_MAX);
    AUTO(buf_release) struct buf in = BUF_INIT(LIST_MAX);
    buf_add_text(&out, "-Wl,--export-if-defined=malloc\n");
    const char *name;
    for (size_t i = 0; (name = host_listed(i)) != NULL; i++) {
        struct host_choice host;
        if (host_parse(name, &host, ERR_IGNORED) == 0)
            add_host(&host, &out, &in);
    }
    int rc = write_list(folder, "proxy-wasm-exports", &out, exports, err);
    return rc ? rc : write_list(folder, "proxy-wasm-imports", &in, imports, err);
}
