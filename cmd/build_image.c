#include "cmd/build_image.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "cmd/build_finish.h"
#include "cmd/log.h"
#include "image/media_type.h"
#include "image/runtime_config.h"
#include "store/transit/arrival.h"

/* Reads a runtime config that -c names, or that was found, and writes its canonical form. */
static int read_config(const char *path, bool named, struct buf *out, struct err *err)
{
    AUTO(buf_release) struct buf text = BUF_INIT(RUNTIME_CONFIG_MAX);
    AUTO(runtime_config_release) struct runtime_config config = {0};
    int rc =
        named ? file_read_named(path, &text, err) : file_read(AT_FDCWD, path, NULL, &text, err);
    if (rc)
        return rc;
    rc = runtime_config_parse(buf_text(&text), text.len, &config, err);
    if (rc)
        return err_wrap(err, "%s", path);
    runtime_config_write(&config, out);
    return 0;
}

/* The path of runtime-config.json in the source folder, or beside the source file. */
static char *config_beside(const char *source)
{
    struct stat info;
    if (stat(source, &info) == 0 && S_ISDIR(info.st_mode))
        return mem_printf("%s/%s", source, TITLE_CONFIG);
    const char *slash = strrchr(source, '/');
    int len = slash ? (int)(slash - source) + 1 : 0;
    return mem_printf("%.*s%s", len, source, TITLE_CONFIG);
}

int build_find_config(const struct build_args *args, const char *source, struct buf *out,
                      struct err *err)
{
    if (args->config)
        return read_config(args->config, true, out, err);
    AUTO_FREE char *beside = config_beside(source);
    if (access(beside, F_OK) != 0)
        return 0;
    return read_config(beside, false, out, err);
}

/* Keeps a config that was read; else makes one from the module. */
static int settle_config(const struct builder *builder, const struct arrival *arrival,
                         struct buf *config, struct err *err)
{
    if (!config->len && arrival->abi_count == 0 && builder->no_abi)
        return err_set(
            err, ERR_FAILED,
            "the module that %s made exports no ABI version, so that no proxy would load "
            "it: %s",
            builder->name, builder->no_abi);
    if (!config->len && arrival->abi_count == 0)
        return err_set(err, ERR_FAILED,
                       "no runtime config: the module exports no ABI version to make one from, so "
                       "name a runtime-config.json with -c");
    if (!config->len)
        arrival_make_config(arrival, config);
    if (buf_overflowed(config))
        return err_set(err, ERR_FAILED, "the runtime config is larger than %d bytes",
                       RUNTIME_CONFIG_MAX);
    return 0;
}

static void report(const struct ref *ref, const struct descriptor *layer,
                   const struct digest *manifest)
{
    log_info("tagged image", "image", ref->full, "manifest", manifest->text, "wasm",
             layer->digest.text, NULL);
    printf("%s@%s\n", ref->full, manifest->text);
}

/* Copies the module into the store, settles the config, and judges the module. The copy is checked
 * and hashed, since the file may change meanwhile. Without a config, a module without ABI is an
 * error, which needs no warning before it. */
static int copy_in(const struct build_job *job, const char *path, const char *shown, int to,
                   struct buf *config, struct descriptor *layer, struct err *err)
{
    AUTO(module_release) struct module module = {0};
    AUTO(arrival_release) struct arrival arrival = {0};
    AUTO_CLOSE int from = -1;
    off_t size = 0;
    struct digest digest;
    long long copied = 0;
    int rc = file_open_regular(path, &from, &size, err);
    if (rc)
        return rc;
    rc = job->args->strip ? build_strip(path, from, to, err) : file_copy(from, to, err);
    if (rc)
        return err_wrap(err, "copy %s into the store", path);
    rc = module_read(to, shown, &module, err);
    if (rc)
        return rc;
    arrival_take(&module, shown, config->len ? &log_notice : NULL, &arrival);
    rc = settle_config(job->builder, &arrival, config, err);
    if (!rc)
        rc = build_tell_size(job, to, &module, (uint64_t)size, err);
    if (!rc)
        rc = digest_of_fd(to, &digest, &copied, err);
    if (!rc)
        rc = host_wish_judge_module(&job->hosts, to, &module, shown, err);
    if (!rc)
        descriptor_init(layer, MEDIA_WASM_LAYER, &digest, copied, TITLE_WASM);
    return rc;
}

int build_add_image(const struct build_job *job, const char *path, struct buf *config,
                    struct err *err)
{
    AUTO(store_file_end_at) struct store_file *wasm = NULL;
    AUTO(descriptor_release) struct descriptor layer = {0};
    AUTO(packed_release) struct packed packed = {0};
    /* The file that a compiler wrote is gone when somebody reads the words. */
    const char *shown = job->builder->needs_work_dir ? job->args->tag : path;
    int rc = store_file_begin(job->store, NULL, &wasm, err);
    if (!rc)
        rc = copy_in(job, path, shown, store_file_fd(wasm), config, &layer, err);
    if (rc)
        return rc;
    log_info("adding image to cache...", "filter file", path, "tag", job->args->tag, NULL);
    const struct filter filter = {&layer, store_file_fd(wasm), buf_text(config), config->len};
    struct store_parts parts = store_parts_of(&filter, wasm);
    rc = packing_make_hashed(&job->packing, job->store, &filter, &packed, err);
    if (!rc && job->packing.asked) /* else the four files of an image tell the whole manifest */
        packed_keep(&packed, &parts);
    if (!rc && *job->interrupted)
        rc = err_set(err, ERR_INTERRUPTED, "build: interrupted");
    if (!rc)
        rc = store_commit(job->store, &job->ref, &parts, err);
    if (!rc)
        report(&job->ref, &layer, &packed.package.digest);
    return rc;
}
