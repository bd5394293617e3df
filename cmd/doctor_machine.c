/* wasme doctor without a registry: the toolchains, the store and the libraries of this machine. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/pattern.h"
#include "base/tar_write.h"
#include "base/yaml.h"
#include "cmd/doctor.h"
#include "cmd/interrupt.h"
#include "cmd/settings.h"
#include "cmd/table.h"
#include "git/source.h"
#include "image/gateway_gzip.h"
#include "toolchain/container_engine.h"
#include "toolchain/optimize.h"
#include "toolchain/survey.h"
#include "toolchain/toolchain.h"

#define FIX_STORE                                                                                  \
    "make it a folder that you may write to, or name another with --store or WASME_HOME"
#define FREE_MIN (100LL * 1000 * 1000) /* bytes: room for a few images */

static enum report_status status_of(enum survey_verdict verdict)
{
    switch (verdict) {
    case SURVEY_FINE:
        return REPORT_OK;
    case SURVEY_ABSENT:
        return REPORT_ABSENT;
    case SURVEY_UNFIT:
        return REPORT_WARNING;
    default:
        return REPORT_FAILED;
    }
}

static int check_toolchains(struct report *report, struct err *err)
{
    const struct survey survey = {.variable = getenv, .interrupted = interrupt_catch()};
    bool any = false;
    for (const struct builder *const *at = builders; *at; at++) {
        if (!(*at)->look)
            continue;
        struct survey_finding finding AUTO(survey_finding_release) = {0};
        int rc = (*at)->look(&survey, &finding, err);
        if (rc)
            return rc;
        any |= finding.verdict == SURVEY_FINE;
        const struct finding seen = {status_of(finding.verdict), survey_name(*at), finding.fix};
        report_add(report, seen, "%s", finding.detail);
    }
    if (!any)
        report_warning(report, "build", "install one of them, as said above",
                       "no toolchain that builds filters: only `wasme build precompiled` works");
    return 0;
}

/* Reports a program that one option of build needs. Only an interruption is an error. */
static int tell_program(struct report *report, const char *check, int rc, const char *found,
                        struct err *err)
{
    if (rc == ERR_INTERRUPTED)
        return rc;
    const struct finding seen = {rc == 0               ? REPORT_OK
                                 : rc == ERR_NOT_FOUND ? REPORT_ABSENT
                                                       : REPORT_WARNING,
                                 check, NULL};
    report_add(report, seen, "%s", rc ? err_text(err) : found);
    err_release(err);
    return 0;
}

/* The programs of --optimize and --image. */
static int check_programs(struct report *report, struct err *err)
{
    const volatile int *interrupted = interrupt_catch();
    const struct build_request request = {
        .source = "/", .variable = getenv, .interrupted = interrupted};
    AUTO_FREE char *optimizer = NULL;
    struct engine engine = {0};
    int rc = optimize_find(&request, &optimizer, err);
    rc = tell_program(report, "wasm-opt", rc, optimizer, err);
    if (rc)
        return rc;
    rc = engine_find(NULL, interrupted, &engine, err);
    return tell_program(report, "container", rc, engine.program, err);
}

/* Cuts the path after the nearest folder that exists. */
static void cut_to_existing(char *path)
{
    while (access(path, F_OK) != 0) {
        char *slash = strrchr(path, '/');
        if (!slash || slash == path) {
            (void)memcpy(path, slash ? "/" : ".", 2);
            return;
        }
        *slash = '\0';
    }
}

static void check_space(struct report *report, const char *dir)
{
    struct statvfs fs;
    char size[32];
    if (statvfs(dir, &fs) != 0) {
        report_warning(report, "space", NULL, "%s: %s", dir, strerror(errno));
        return;
    }
    long long bytes = (long long)fs.f_bavail * (long long)fs.f_frsize;
    table_size(bytes, size);
    if (bytes < FREE_MIN)
        report_warning(
            report, "space",
            "remove images with `wasme rm`, or name another folder with --store or WASME_HOME",
            "only %s are free at %s", size, dir);
    else
        report_ok(report, "space", "%s free", size);
}

static bool check_folder(struct report *report, const char *dir)
{
    AUTO_FREE char *nearest = mem_dup(dir);
    cut_to_existing(nearest);
    bool there = strcmp(nearest, dir) == 0;
    const char *problem = access(nearest, R_OK | W_OK | X_OK) != 0 ? strerrordesc_np(errno) : NULL;
    if (problem)
        report_failed(report, "store", FIX_STORE, "%s: %s", nearest, problem);
    else
        report_ok(report, "store", "%s%s", dir, there ? "" : ", made by the first build or pull");
    if (!problem)
        check_space(report, nearest);
    return there && !problem;
}

struct count {
    size_t images;
    size_t damaged;
    char *first; /* owned */
};

static void free_count(struct count *count)
{
    free(count->first);
}

static int count_image(void *arg, const struct store_image *image)
{
    struct count *count = arg;
    (void)image;
    count->images++;
    return 0;
}

static void count_damaged(void *arg, enum notice_level level, const char *text)
{
    struct count *count = arg;
    if (level != NOTICE_WARNING)
        return;
    if (!count->damaged++)
        count->first = mem_dup(text);
}

static void check_images(struct report *report, struct store *store)
{
    struct count count AUTO(free_count) = {0};
    struct err why AUTO(err_release) = ERR_INIT;
    const struct notice notice = {count_damaged, &count};
    if (store_each(store, count_image, &count, &notice, &why))
        report_failed(report, "images", "look at the folder's rights and its disk", "%s",
                      err_text(&why));
    else if (count.damaged)
        report_warning(report, "images", "remove the folder, and build or pull the image again",
                       "%zu, and %zu damaged: %s", count.images, count.damaged, count.first);
    else
        report_ok(report, "images", "%zu", count.images);
}

static void check_store(struct report *report, const char *given)
{
    struct err why AUTO(err_release) = ERR_INIT;
    AUTO(store_close_at) struct store *store = NULL;
    if (settings_store(given, &store, &why))
        report_failed(report, "store", FIX_STORE, "%s", err_text(&why));
    else if (check_folder(report, store_dir(store)))
        check_images(report, store);
}

/* Loads the library: writes an empty archive to /dev/null. */
static int load_archive(struct err *err)
{
    AUTO_CLOSE int fd = open("/dev/null", O_RDWR | O_CLOEXEC);
    AUTO(tar_abandon_at) struct tar_writer *writer = NULL;
    if (fd < 0)
        return err_errno(err, "/dev/null");
    int rc = tar_create(fd, "/dev/null", TAR_PLAIN, &writer, err);
    return rc ? rc : tar_finish(writer, err);
}

/* Loads the library: decompresses a file of no bytes. */
static int load_zlib(struct err *err)
{
    enum gunzip_end end = GUNZIP_WHOLE;
    AUTO_CLOSE int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return err_errno(err, "/dev/null");
    return gateway_gunzip(fd, "/dev/null", NULL, NULL, &end, err);
}

/* Loads the library: writes a document of nothing. */
static int load_yaml(struct err *err)
{
    AUTO(json_doc_free_at) struct json_t *nothing = json_new_obj();
    AUTO(buf_release) struct buf text = BUF_INIT(64);
    return yaml_write(nothing, &text, err);
}

static int load_pcre2(struct err *err)
{
    AUTO(pattern_free_at) struct pattern *pattern = NULL;
    return pattern_compile("", true, &pattern, err);
}

static void tell_library(struct report *report, const char *name, const char *fix, int rc,
                         const struct err *why)
{
    if (rc)
        report_failed(report, name, fix, "%s", err_text(why));
    else
        report_ok(report, name, "loaded");
}

/* Loads the libraries that other commands load when they first use them. */
static void check_libraries(struct report *report)
{
    struct err why AUTO(err_release) = ERR_INIT;
    AUTO_FREE char *version = NULL;
    if (details_library(&version, &why) == 0)
        report_ok(report, "libcurl", "%s", version);
    else
        tell_library(report, "libcurl", "install libcurl4: push and pull need it", ERR_FAILED,
                     &why);
    int rc = load_archive(&why);
    tell_library(report, "libarchive", "install libarchive13: images with archives in them need it",
                 rc, &why);
    rc = load_zlib(&why);
    tell_library(report, "zlib",
                 "install zlib1g: `wasme check` needs it for layers that are tar+gzip", rc, &why);
    rc = load_yaml(&why);
    tell_library(report, "libyaml", "install libyaml-0-2: `wasme deploy` and `wasme run` need it",
                 rc, &why);
    rc = load_pcre2(&why);
    tell_library(report, "pcre2",
                 "install libpcre2-8-0: `wasme run --test` needs it for regular expressions", rc,
                 &why);
    rc = git_source_load(&why);
    tell_library(report, "libgit2",
                 "install the libgit2 that is named above: sources from git need it", rc, &why);
}

int doctor_machine(struct report *report, const char *store, struct err *err)
{
    int rc = check_toolchains(report, err);
    if (!rc)
        rc = check_programs(report, err);
    if (rc)
        return rc;
    check_store(report, store);
    check_libraries(report);
    return 0;
}
