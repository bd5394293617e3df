/* What deploy and undeploy print: documents as YAML or JSON. */
#include <stdio.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/yaml.h"
#include "cmd/deploy_args.h"
#include "cmd/stdout.h"

static int make_text(const struct deploy_documents *documents, struct buf *text, struct err *err)
{
    int rc = 0;
    for (size_t i = 0; !rc && i < documents->count; i++) {
        const struct deploy_document *one = &documents->items[i];
        if (documents->json) {
            json_dump(one->value, text);
            continue;
        }
        if (i)
            buf_add_text(text, "---\n");
        if (one->title)
            buf_printf(text, "# %s\n", one->title);
        rc = yaml_write(one->value, text, err);
        if (one->end)
            buf_printf(text, "%s\n", one->end);
    }
    if (!rc && buf_overflowed(text))
        rc = err_set(err, ERR_FAILED, "the manifest has more than %zu bytes", text->max);
    return rc;
}

static bool is_same_file(const char *a, const char *b)
{
    struct stat first, second;
    return stat(a, &first) == 0 && S_ISREG(first.st_mode) && stat(b, &second) == 0 &&
           first.st_dev == second.st_dev && first.st_ino == second.st_ino;
}

int deploy_open(const char *path, const char *text, const char *config, struct output *output,
                struct err *err)
{
    if (!path)
        return 0;
    if (text && is_same_file(path, text))
        return err_set(err, ERR_USAGE, "--output %s: the module is in that file: name another",
                       path);
    if (config && *config == '@' && is_same_file(path, config + 1))
        return err_set(err, ERR_USAGE,
                       "--output %s: the configuration is in that file: name another", path);
    return output_open(output, path, err);
}

int deploy_print(const struct deploy_documents *documents, struct output *output, struct buf *text,
                 struct err *err)
{
    int rc = make_text(documents, text, err);
    if (rc)
        return rc;
    if (!output->path) {
        (void)fwrite(buf_text(text), 1, text->len, stdout);
        return stdout_finish(err); /* what was not shown is not applied, and has no next steps */
    }
    rc = file_write_all(output->fd, buf_text(text), text->len, output->path, err);
    return rc ? output_failed(output, rc, err) : output_finish(output, err);
}
