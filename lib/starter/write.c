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
#include "starter/place.h"
#include "starter/starter.h"

enum { FILE_MAX = 64 * 1024 };

/* The words in the files of a starter that the name of the filter and its language replace. */
static const char name_mark[] = "starter-name";
static const char language_mark[] = "starter-language";

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

static int write_file(const struct starter *starter, const struct starter_file *file,
                      const char *name, struct place *place, struct err *err)
{
    AUTO(buf_release) struct buf text = BUF_INIT(FILE_MAX);
    add_part(&text, file, starter->language, name);
    if (starter->readme_end && strcmp(file->path, "README.md") == 0)
        add_part(&text, starter->readme_end, starter->language, name);
    int fd = -1;
    int rc = place_create(place, file->path, 0666, &fd, err);
    if (rc)
        return rc;
    rc = file_write_all(fd, text.data, text.len, file->path, err);
    if (close(fd) != 0 && !rc)
        rc = err_errno(err, "write %s", file->path);
    return rc;
}

int starter_write(const struct starter *starter, const char *dir, const char *name, struct err *err)
{
    AUTO(place_end) struct place place = {.dir = dir};
    int rc = place_check_folder(&place, err);
    for (const struct starter_file *file = starter->files; !rc && file->path; file++)
        rc = place_check(&place, file->path, err);
    if (!rc)
        rc = place_refuse_found(&place, err);
    for (const struct starter_file *file = starter->files; !rc && file->path; file++)
        rc = write_file(starter, file, name, &place, err);
    place.keep = !rc;
    return rc;
}
