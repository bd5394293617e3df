#include "cmd/run/launch.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/process.h"
#include "cmd/interrupt.h"
#include "cmd/log.h"
#include "cmd/run/folder.h"
#include "toolchain/container_scope.h"

enum { WORDS_MAX = 4096 };

/* Where the kernel shows SELinux, which keeps containers from the files of users. */
#define SELINUX_STATE "/sys/fs/selinux/enforce"

#define CONTAINER_PREFIX "wasme-run-"

static void clear_argv(struct launch *launch)
{
    texts_release(&launch->argv);
    launch->argv = (struct texts){0};
}

void launch_release(struct launch *launch)
{
    launch_end(launch);
    clear_argv(launch);
    envoy_program_release(&launch->program);
}

static void add(struct launch *launch, const char *word)
{
    texts_add(&launch->argv, mem_dup(word));
}

static void add_pair(struct launch *launch, const char *flag, char *value)
{
    add(launch, flag);
    texts_add(&launch->argv, value);
}

/* --- A container --- */

/* Envoy has this machine's network, and sees the folder alone, which it cannot change but for the
 * socket of its admin interface. */
static void add_container(struct launch *launch)
{
    unsigned number = 0;
    if (getrandom(&number, sizeof(number), 0) < 0)
        number = (unsigned)getpid();
    free(launch->container);
    launch->container = mem_printf(CONTAINER_PREFIX "%08x", number);
    add(launch, launch->engine.program);
    add(launch, "run");
    add(launch, "--rm");
    add(launch, "--network=host");
    if (launch->engine.init)
        add(launch, "--init");
    if (access(SELINUX_STATE, F_OK) == 0)
        add(launch, "--security-opt=label=disable");
    if (!launch->engine.rootless) {
        if (launch->engine.remapped)
            add(launch, "--userns=host");
        if (launch->engine.podman && getuid() != 0)
            add(launch, "--userns=keep-id");
        add_pair(launch, "--user", mem_printf("%u:%u", (unsigned)getuid(), (unsigned)getgid()));
    }
    if (launch->folder)
        add_pair(launch, "--mount", container_scope_mount(launch->folder));
    add_pair(launch, "--name", mem_dup(launch->container));
    add(launch, "--entrypoint=envoy");
    add(launch, launch->image);
}

static int ask_container(struct launch *launch, const char *version, struct err *err)
{
    AUTO(buf_release) struct buf words = BUF_INIT(WORDS_MAX);
    AUTO(buf_release) struct buf talk = BUF_INIT(WORDS_MAX);
    int status = 0;
    add_container(launch);
    add(launch, "--version");
    texts_add(&launch->argv, NULL);
    const struct process process = {.argv = (const char *const *)launch->argv.items,
                                    .output = process_keep(&words),
                                    .talk = process_keep(&talk),
                                    .own_group = true,
                                    .seconds = ENGINE_SECONDS,
                                    .interrupted = interrupt_flag()};
    int rc = process_run(&process, &status, err);
    clear_argv(launch);
    free(STEAL(launch->container));
    if (rc)
        return err_wrap(err, "--image %s", launch->image);
    if (status || !find_read_version(buf_text(&words), &launch->program)) {
        const char *said = buf_text(&talk);
        return err_set(err, ERR_FAILED,
                       "--image %s: `envoy --version` ended with status %d there (%.*s): name an "
                       "image with Envoy, as envoyproxy/envoy:v1.40.0 is one",
                       launch->image, status, (int)strcspn(said, "\r\n"), said);
    }
    launch->program.path = mem_dup("envoy");
    return find_check_version(&launch->program, version, err);
}

static int open_container(struct launch *launch, const char *version, struct err *err)
{
    int rc = engine_find(&log_notice, interrupt_flag(), &launch->engine, err);
    if (!rc)
        rc = engine_get_image(&launch->engine, launch->image, &log_notice, err);
    return rc ? rc : ask_container(launch, version, err);
}

int launch_open(const struct launch_wish *wish, struct launch *out, struct err *err)
{
    AUTO(launch_release) struct launch launch = {.image = wish->image, .folder = wish->folder};
    if (wish->image && wish->envoy)
        return err_set(err, ERR_USAGE, "--image and --envoy exclude each other");
    if (wish->image && (!*wish->image || *wish->image == '-'))
        return err_set(err, ERR_USAGE, "--image \"%s\": that is no name of an image", wish->image);
    int rc = wish->image ? open_container(&launch, wish->version, err)
                         : find_envoy(wish->envoy, wish->version, &launch.program, err);
    if (rc)
        return rc;
    *out = launch;
    launch = (struct launch){0};
    return 0;
}

/* --- The command --- */

static bool has_flag(const char *const *flags, const char *name, const char *brief)
{
    size_t len = strlen(name);
    for (; *flags; flags++) {
        if (strncmp(*flags, name, len) == 0 && (!(*flags)[len] || (*flags)[len] == '='))
            return true;
        if (brief && strcmp(*flags, brief) == 0)
            return true;
    }
    return false;
}

static void add_flag(struct launch *launch, const char *const *flags, const char *name,
                     const char *brief, const char *value)
{
    if (!has_flag(flags, name, brief))
        add_pair(launch, name, mem_dup(value));
}

int launch_check_flags(const char *const *flags, struct err *err)
{
    if (has_flag(flags, "-c", NULL) || has_flag(flags, "--config-path", NULL))
        return err_set(err, ERR_USAGE,
                       "-c behind --: the configuration of Envoy is the one that wasme writes; "
                       "--config-yaml TEXT adds to it");
    return 0;
}

/* Names the container for the run that finds it left. */
static void note_container(const struct launch *launch)
{
    AUTO_FREE char *path = mem_printf("%s/" RUN_FOLDER_CONTAINER, launch->folder);
    AUTO_FREE char *note = mem_printf("%s\n%s\n", launch->engine.program, launch->container);
    AUTO_CLOSE int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd >= 0)
        (void)file_write_all(fd, note, strlen(note), path, ERR_IGNORED);
}

bool launch_end_left(void *arg, const char *engine, const char *container)
{
    const struct launch *launch = arg;
    size_t len = strlen(CONTAINER_PREFIX);
    return strcmp(engine, launch->engine.program) == 0 &&
           strncmp(container, CONTAINER_PREFIX, len) == 0 &&
           !container[len + strspn(container + len, "0123456789abcdef")] &&
           engine_remove(&launch->engine, container);
}

const char *const *launch_command(struct launch *launch, const char *bootstrap,
                                  enum envoy_level level, const char *const *flags)
{
    AUTO_FREE char *levels =
        mem_printf("wasm:%s", envoy_level_listed(level < ENVOY_WARNING ? level : ENVOY_WARNING));
    clear_argv(launch);
    if (launch->image) {
        add_container(launch);
        note_container(launch);
    } else {
        add(launch, launch->program.path);
    }
    add_pair(launch, "-c", mem_dup(bootstrap));
    if (!has_flag(flags, "--disable-hot-restart", NULL)) /* hot restart leaves files in /dev/shm */
        add(launch, "--disable-hot-restart");
    add_flag(launch, flags, "--concurrency", NULL, "1");
    add_flag(launch, flags, "--log-level", "-l", "warning");
    add_flag(launch, flags, "--component-log-level", NULL, levels);
    add_flag(launch, flags, "--log-format", NULL, ENVOY_LOG_FORMAT);
    for (; *flags; flags++)
        add(launch, *flags);
    texts_add(&launch->argv, NULL);
    return (const char *const *)launch->argv.items;
}

void launch_end(struct launch *launch)
{
    if (launch->container && !engine_remove(&launch->engine, launch->container))
        log_warningf("the container %s may still be there: `%s rm --force %s`", launch->container,
                     launch->engine.program, launch->container);
    free(STEAL(launch->container));
}
