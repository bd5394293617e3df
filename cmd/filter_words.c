#include "cmd/filter_words.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "cmd/settings.h"
#include "image/form.h"

/* --- The name --- */

/* The last part of the path, without tag, digest and suffix. */
static char *last_part(const char *text)
{
    const char *stored = settings_in_store(text);
    const char *slash = strrchr(text, '/');
    const char *last = slash ? slash + 1 : stored ? stored : text;
    size_t len = strcspn(last, ":@");
    if (len > 5 && strncmp(last + len - 5, ".wasm", 5) == 0)
        len -= 5;
    return mem_dup_n(last, len);
}

char *filter_name(const char *text)
{
    AUTO(buf_release) struct buf out = BUF_INIT(FILTER_NAME_MAX);
    AUTO_FREE char *part = last_part(text);
    for (const char *at = part; *at; at++) {
        unsigned char c = (unsigned char)*at;
        if (isalnum(c))
            buf_add_char(&out, (char)tolower(c));
        else if (out.len && out.data[out.len - 1] != '-')
            buf_add_char(&out, '-');
    }
    while (out.len && out.data[out.len - 1] == '-')
        out.data[--out.len] = '\0';
    return out.len ? buf_steal(&out) : mem_dup("filter");
}

/* --- The configuration --- */

int filter_config_read(const char *given, const char *option, struct buf *out, struct err *err)
{
    if (*given != '@') {
        buf_add_text(out, given);
        return buf_overflowed(out)
                   ? err_set(err, ERR_USAGE, "%s: more than %zu bytes", option, out->max)
                   : 0;
    }
    if (!given[1])
        return err_set(err, ERR_USAGE, "%s: there is no name of a file behind the \"@\"", option);
    int rc = file_read_named(given + 1, out, err);
    if (!rc && out->len && memchr(out->data, '\0', out->len))
        rc = err_set(err, ERR_FAILED, "%s: the file holds a NUL, and is no text", given + 1);
    return rc ? err_wrap(err, "%s", option) : 0;
}

/* --- The runtime config --- */

/* The layer of wasme's form that has the bytes of the config blob; NULL: there is none. */
static const struct descriptor *runtime_layer(const struct manifest *manifest)
{
    for (size_t i = 0; i < manifest->layer_count; i++)
        if (digest_equal(&manifest->layers[i].digest, &manifest->config.digest))
            return manifest->layers[i].size > RUNTIME_CONFIG_MAX ? NULL : &manifest->layers[i];
    return NULL;
}

static int fetch_runtime(struct subject *subject, struct buf *out, struct err *err)
{
    const struct descriptor *layer = runtime_layer(&subject->manifest);
    AUTO_CLOSE int fd = -1;
    if (!layer)
        return 0;
    int rc = subject_open_layer(subject, layer, &fd, err);
    if (!rc && lseek(fd, 0, SEEK_SET) != 0) /* it was written a moment ago */
        rc = err_errno(err, "read a file");
    return rc ? rc : file_read_fd(fd, "the layer", out, err);
}

static int read_remote(struct subject *subject, const struct wasm *pulled, struct buf *out,
                       struct err *err)
{
    struct form_found form;
    if (subject->empty || form_find(&subject->manifest, &form, ERR_IGNORED) != 0)
        return 0;
    if (form.has_runtime)
        return fetch_runtime(subject, out, err);
    buf_add(out, pulled->runtime.data, pulled->runtime.len);
    return 0;
}

int filter_runtime(struct subject *subject, const struct wasm *pulled, struct runtime_config *out,
                   struct err *err)
{
    AUTO(buf_release) struct buf text = BUF_INIT(RUNTIME_CONFIG_MAX);
    int rc = 0;
    if (subject->kind == SUBJECT_STORED)
        buf_add(&text, subject->image.runtime_config.data, subject->image.runtime_config.len);
    else if (subject->kind == SUBJECT_REMOTE)
        rc = read_remote(subject, pulled, &text, err);
    if (rc)
        return err_wrap(err, "the runtime config");
    runtime_config_parse(buf_text(&text), text.len, out, ERR_IGNORED);
    return 0;
}
