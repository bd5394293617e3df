#include "toolchain/container_scope.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/dir.h"
#include "base/mem.h"
#include "toolchain/project.h"

#define MOUNT_MAX (64 * 1024)

/* --- Folders --- */

/* The file or folder that makes a folder the root of something. */
struct mark {
    const char *name;
    const char *text; /* in the file; or NULL */
    bool not_home;    /* the same name in the user's home is something else */
};

static bool is_marked(const char *folder, const char *path, const struct mark *mark,
                      const char *home)
{
    struct stat info;
    if (stat(path, &info) != 0 || (mark->not_home && home && dir_holds(folder, home)))
        return false;
    AUTO_FREE char *text = mark->text && S_ISREG(info.st_mode) ? project_read(path) : NULL;
    return !mark->text || (text && strstr(text, mark->text));
}

/* The nearest folder with the mark, in or above `source`; NULL when there is none. */
static char *find_marked(const char *source, const struct mark *mark, const char *home)
{
    AUTO_FREE char *at = mem_dup(source);
    for (;;) {
        AUTO_FREE char *path = project_find_up(at, mark->name);
        if (!path)
            return NULL;
        size_t len = strlen(path) - strlen(mark->name) - 1;
        AUTO_FREE char *folder = len ? mem_dup_n(path, len) : mem_dup("/");
        if (is_marked(folder, path, mark, home))
            return STEAL(folder);
        char *slash = strrchr(folder, '/');
        if (folder[1] == '\0')
            return NULL;
        slash[slash == folder ? 1 : 0] = '\0';
        free(at);
        at = STEAL(folder);
    }
}

char *container_scope_root(const char *source, const char *home)
{
    static const struct mark marks[] = {
        {"go.mod", NULL, false},
        {"go.work", NULL, false},
        {"Cargo.toml", "[workspace", false},
        {".cargo/config.toml", NULL, true},
        {"package.json", "\"workspaces\"", false},
        {".git/HEAD", NULL, true}, /* a file .git points to a repository elsewhere */
    };
    AUTO_FREE char *root = mem_dup(source);
    for (size_t i = 0; i < COUNT(marks); i++) {
        AUTO_FREE char *found = find_marked(source, &marks[i], home);
        if (!found || strlen(found) >= strlen(root))
            continue;
        free(root);
        root = STEAL(found);
    }
    return STEAL(root);
}

/* A field of a line of comma-separated values (RFC 4180). */
static void add_field(struct buf *line, const char *name, const char *path)
{
    bool quoted = strpbrk(path, ",\"\r\n") != NULL;
    buf_printf(line, ",%s%s=", quoted ? "\"" : "", name);
    for (; *path; path++) {
        if (*path == '"')
            buf_add_char(line, '"');
        buf_add_char(line, *path);
    }
    if (quoted)
        buf_add_char(line, '"');
}

char *container_scope_mount(const char *path)
{
    AUTO(buf_release) struct buf line = BUF_INIT(MOUNT_MAX);
    buf_add_text(&line, "type=bind");
    add_field(&line, "source", path);
    add_field(&line, "target", path);
    return buf_steal(&line);
}

/* --- Variables --- */

static bool is_among(const char *const *names, const char *variable, bool any_case)
{
    size_t len = strcspn(variable, "=");
    for (; *names; names++) {
        if (strlen(*names) == len && (any_case ? strncasecmp(*names, variable, len) == 0
                                               : strncmp(*names, variable, len) == 0))
            return true;
    }
    return false;
}

static bool is_name(const char *variable)
{
    size_t len = strcspn(variable, "=");
    for (size_t i = 0; i < len; i++)
        if (!isalnum((unsigned char)variable[i]) && variable[i] != '_')
            return false;
    return len > 0 && variable[len] == '=';
}

bool container_scope_passes(const char *variable)
{
    static const char *const any_case[] = {"http_proxy", "https_proxy", "ftp_proxy",
                                           "all_proxy",  "no_proxy",    "npm_config_registry",
                                           NULL};
    static const char *const exact[] = {
        "GO111MODULE", "GODEBUG",        "GOEXPERIMENT",      "GOFLAGS",   "GOINSECURE",
        "GONOPROXY",   "GONOSUMDB",      "GOPRIVATE",         "GOPROXY",   "GOSUMDB",
        "GOTOOLCHAIN", "GOWORK",         "SOURCE_DATE_EPOCH", "RUSTFLAGS", "NODE_ENV",
        "NO_COLOR",    "CLICOLOR_FORCE", "FORCE_COLOR",       NULL};
    /* Folders and programs of this machine, and what cargo tells the programs that it runs. */
    static const char *const held_back[] = {"CARGO_HOME",
                                            "CARGO_INSTALL_ROOT",
                                            "CARGO_BUILD_RUSTC",
                                            "CARGO_BUILD_RUSTDOC",
                                            "CARGO_BUILD_RUSTC_WRAPPER",
                                            "CARGO_BUILD_RUSTC_WORKSPACE_WRAPPER",
                                            "CARGO_MAKEFLAGS",
                                            "CARGO_MANIFEST_DIR",
                                            "CARGO_MANIFEST_PATH",
                                            "CARGO_TARGET_TMPDIR",
                                            NULL};
    if (!is_name(variable))
        return false;
    if (strncmp(variable, "CARGO_", strlen("CARGO_")) == 0)
        return !is_among(held_back, variable, false);
    return is_among(exact, variable, false) || is_among(any_case, variable, true);
}

const char *container_scope_value(const char *const *environment, const char *name)
{
    size_t len = strlen(name);
    for (; environment && *environment; environment++)
        if (strncmp(*environment, name, len) == 0 && (*environment)[len] == '=')
            return *environment + len + 1;
    return NULL;
}
