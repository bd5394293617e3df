/* Writing the files of a starter, all of them or none. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/stop.h"
#include "starter/starter.h"

enum { FILE_MAX = 64 * 1024, LIST_MAX = 4096 };

/* The words in the files of a starter that the name of the filter and its language replace. */
static const char name_mark[] = "starter-name";
static const char language_mark[] = "starter-language";

/* --- The folder before --- */

/* A folder that is there, or can be made: nothing else may have its name. */
static int check_folder(const char *path, struct err *err)
{
    struct stat info;
    if (stat(path, &info) == 0)
        return S_ISDIR(info.st_mode)
                   ? 0
                   : err_set(err, ERR_FAILED, "%s is a file and no folder: name another folder",
                             path);
    if (errno != ENOENT)
        return err_errno(err, "look at %s", path);
    if (lstat(path, &info) == 0)
        return err_set(err, ERR_FAILED,
                       "%s is a symbolic link to nothing: remove the link, or name another folder",
                       path);
    return 0;
}

/* Whether anything has the name of the file, or of the folder that the file belongs in. */
static int check_file(const char *dir, const char *name, struct buf *found, struct err *err)
{
    struct stat info;
    AUTO_FREE char *path = mem_printf("%s/%s", dir, name);
    char *slash = strrchr(path, '/');
    if (strchr(name, '/')) {
        *slash = '\0';
        if (lstat(path, &info) == 0 && !S_ISDIR(info.st_mode)) {
            buf_printf(found, "%s%.*s", found->len ? ", " : "", (int)strcspn(name, "/"), name);
            return 0;
        }
        *slash = '/';
    }
    if (lstat(path, &info) == 0)
        buf_printf(found, "%s%s", found->len ? ", " : "", name);
    else if (errno != ENOENT)
        return err_errno(err, "look at %s", path);
    return 0;
}

static int check_all(const struct starter *starter, const char *dir, struct err *err)
{
    AUTO(buf_release) struct buf found = BUF_INIT(LIST_MAX);
    int rc = check_folder(dir, err);
    for (const struct starter_file *file = starter->files; !rc && file->path; file++)
        rc = check_file(dir, file->path, &found, err);
    if (!rc && found.len)
        return err_set(err, ERR_FAILED,
                       "%s has files that wasme does not overwrite: %s: remove them, or name "
                       "another folder",
                       dir, buf_text(&found));
    return rc;
}

/* --- Writing --- */

/* The paths that were made, in this order. */
struct made {
    char **paths;
    size_t count;
    bool keep;
};

static void made_add(struct made *made, const char *path)
{
    made->paths = mem_grow(made->paths, made->count, sizeof(*made->paths));
    made->paths[made->count++] = mem_dup(path);
}

/* Removes what was made, the newest first, unless all of it is to stay. A folder in which somebody
 * else has put a file stays. */
static void made_end(struct made *made)
{
    while (made->count) {
        char *path = made->paths[--made->count];
        if (!made->keep && unlink(path) != 0)
            (void)rmdir(path);
        free(path);
    }
    free(made->paths);
}

static int make_folder(const char *path, struct made *made, struct err *err)
{
    struct stat info;
    if (mkdir(path, 0777) == 0) {
        made_add(made, path);
        return 0;
    }
    if (errno == EEXIST && stat(path, &info) == 0 && S_ISDIR(info.st_mode))
        return 0;
    return err_errno(err, "make folder %s", path);
}

/* Makes the folders that are in the path of a file. */
static int make_folders(const char *path, struct made *made, struct err *err)
{
    AUTO_FREE char *part = mem_dup(path);
    for (char *slash = strchr(part + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        int rc = make_folder(part, made, err);
        if (rc)
            return rc;
        *slash = '/';
    }
    return 0;
}

static void add_part(struct buf *out, const struct starter_file *file, const char *language,
                     const char *name)
{
    AUTO_FREE char *text = mem_dup_n(file->begin, (size_t)(file->end - file->begin));
    const char *at = text;
    for (const char *mark; (mark = strstr(at, "starter-")); at = mark) {
        buf_add(out, at, (size_t)(mark - at));
        if (strncmp(mark, name_mark, strlen(name_mark)) == 0) {
            buf_add_text(out, name);
            mark += strlen(name_mark);
        } else if (strncmp(mark, language_mark, strlen(language_mark)) == 0) {
            buf_add_text(out, language);
            mark += strlen(language_mark);
        } else {
            buf_add_char(out, *mark++);
        }
    }
    buf_add_text(out, at);
}

static int write_file(const struct starter_file *file, const char *path, const char *language,
                      const char *name, struct made *made, struct err *err)
{
    AUTO(buf_release) struct buf text = BUF_INIT(FILE_MAX);
    add_part(&text, file, language, name);
    if (strcmp(file->path, "README.md") == 0)
        add_part(&text, &starter_readme_end, language, name);
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (fd < 0)
        return err_errno(err, "create %s", path);
    made_add(made, path);
    int rc = file_write_all(fd, text.data, text.len, path, err);
    if (close(fd) != 0 && !rc)
        rc = err_errno(err, "write %s", path);
    return rc;
}

int starter_write(const struct starter *starter, const char *dir, const char *name, struct err *err)
{
    AUTO(made_end) struct made made = {0};
    int rc = check_all(starter, dir, err);
    for (const struct starter_file *file = starter->files; !rc && file->path; file++) {
        AUTO_FREE char *path = mem_printf("%s/%s", dir, file->path);
        rc = stop_check(err);
        if (!rc)
            rc = make_folders(path, &made, err);
        if (!rc)
            rc = write_file(file, path, starter->language, name, &made, err);
    }
    made.keep = !rc;
    return rc;
}
