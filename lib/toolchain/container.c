#include "toolchain/container.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/dir.h"
#include "base/mem.h"
#include "toolchain/args.h"
#include "toolchain/container_engine.h"
#include "toolchain/container_scope.h"

/* Where the kernel shows SELinux, which keeps containers from the files of users. */
#define SELINUX_STATE "/sys/fs/selinux/enforce"

struct container {
    const struct container_wish *wish;
    struct engine engine;
    struct args fixed; /* what the commands of all tools begin with */
    struct args owned; /* the texts of `fixed` that are to be freed */
    char *source;
    char *root;
    unsigned number; /* random, for the names of the containers */
    unsigned count;
    char *name; /* of the container that runs */
    char *cwd;  /* of the same */
    struct args command;
};

static void free_texts(struct args *texts)
{
    for (size_t i = 0; i < texts->count; i++)
        free((char *)(uintptr_t)texts->items[i]);
    args_release(texts);
}

void container_free(struct container *container)
{
    if (!container)
        return;
    args_release(&container->fixed);
    free_texts(&container->owned);
    args_release(&container->command);
    free(container->source);
    free(container->root);
    free(container->name);
    free(container->cwd);
    free(container);
}

void container_free_at(struct container **container)
{
    container_free(*container);
}

const char *container_image(const struct container *container)
{
    return container->wish->image;
}

const char *container_engine(const struct container *container)
{
    return container->engine.program;
}

const char *container_root(const struct container *container)
{
    return container->root;
}

static void add(struct container *container, const char *flag, char *value)
{
    args_add(&container->fixed, flag);
    args_add(&container->owned, value);
    args_add(&container->fixed, value);
}

/* --- What all commands begin with --- */

/* The files that tools write belong to the user. Of rootless engines, Docker's root is the user,
 * and podman is asked to keep the number. */
static void add_user(struct container *container)
{
    const struct container_wish *wish = container->wish;
    const struct engine *engine = &container->engine;
    if (engine->rootless)
        return;
    if (engine->remapped)
        args_add(&container->fixed, "--userns=host");
    if (engine->podman && wish->uid != 0)
        args_add(&container->fixed, "--userns=keep-id");
    add(container, "--user", mem_printf("%u:%u", (unsigned)wish->uid, (unsigned)wish->gid));
}

static int add_home(struct container *container, struct err *err)
{
    AUTO_FREE char *home = mem_printf("%s/home", container->wish->work_dir);
    int rc = dir_make_all(home, err);
    if (!rc)
        add(container, "--env", mem_printf("HOME=%s", home));
    return rc;
}

/* Cargo's folder for output may be elsewhere; wasme reads the module from there. */
static int add_target_folder(struct container *container, struct err *err)
{
    static const char *const names[] = {"CARGO_TARGET_DIR", "CARGO_BUILD_TARGET_DIR"};
    for (size_t i = 0; i < COUNT(names); i++) {
        const char *folder = container_scope_value(container->wish->environment, names[i]);
        if (!folder || folder[0] != '/')
            continue;
        int rc = dir_make_all(folder, err);
        if (rc)
            return err_wrap(err, "%s", names[i]);
        if (!dir_holds(container->root, folder))
            add(container, "--mount", container_scope_mount(folder));
        return 0;
    }
    return 0;
}

/* A folder within another one that is mounted is there already. */
static int add_mounts(struct container *container, struct err *err)
{
    const struct container_wish *wish = container->wish;
    add(container, "--mount", container_scope_mount(container->root));
    if (!dir_holds(container->root, wish->work_dir))
        add(container, "--mount", container_scope_mount(wish->work_dir));
    return add_target_folder(container, err);
}

static void add_variables(struct container *container)
{
    for (const char *const *at = container->wish->environment; at && *at; at++)
        if (container_scope_passes(*at))
            add(container, "--env", mem_dup_n(*at, strcspn(*at, "=")));
}

static int prepare(struct container *container, struct err *err)
{
    struct args *fixed = &container->fixed;
    args_add(fixed, container->engine.program);
    args_add(fixed, "run");
    args_add(fixed, "--rm");
    if (access(SELINUX_STATE, F_OK) == 0) /* a label on the user's files would stay there */
        args_add(fixed, "--security-opt=label=disable");
    add_user(container);
    int rc = add_mounts(container, err);
    if (rc)
        return rc;
    rc = add_home(container, err);
    add_variables(container);
    return rc;
}

/* --- Opening --- */

static int check_image(const char *image, struct err *err)
{
    if (!*image)
        return err_set(err, ERR_USAGE, "--image: the name is empty: name an image, as in golang");
    bool is_plain = *image != '-';
    for (const char *at = image; *at; at++)
        is_plain = is_plain && *at > ' ' && *at < 0x7f;
    return is_plain ? 0
                    : err_set(err, ERR_USAGE,
                              "--image %s: that is no name of an image, as golang:1.25 or "
                              "docker.io/tinygo/tinygo are",
                              image);
}

static int find_folders(struct container *container, struct err *err)
{
    const struct container_wish *wish = container->wish;
    container->source = dir_of(wish->source); /* of a source file of C: its folder */
    if (!container->source)
        return err_errno(err, "source %s", wish->source);
    AUTO_FREE char *home = NULL;
    const char *named = container_scope_value(wish->environment, "HOME");
    if (named)
        home = realpath(named, NULL);
    container->root = container_scope_root(container->source, home);
    if (strcmp(container->root, "/") != 0)
        return 0;
    return err_set(err, ERR_FAILED,
                   "source %s: a container cannot have / as the folder of its project: move the "
                   "project into a folder",
                   wish->source);
}

int container_open(const struct container_wish *wish, struct container **out, struct err *err)
{
    AUTO(container_free_at) struct container *container = mem_zero(1, sizeof(*container));
    container->wish = wish;
    if (getrandom(&container->number, sizeof(container->number), 0) < 0)
        container->number = (unsigned)getpid();
    int rc = check_image(wish->image, err);
    if (!rc)
        rc = find_folders(container, err);
    if (!rc)
        rc = engine_find(wish->notice, wish->interrupted, &container->engine, err);
    if (!rc)
        rc = engine_get_image(&container->engine, wish->image, wish->notice, err);
    if (!rc)
        rc = prepare(container, err);
    if (!rc)
        *out = STEAL(container);
    return rc;
}

/* --- Commands --- */

const char *const *container_begin(struct container *container, const char *cwd,
                                   const char *const *argv, const char *const *env, bool takes_time)
{
    struct args *command = &container->command;
    free(container->cwd);
    container->cwd = cwd ? realpath(cwd, NULL) : NULL;
    free(container->name);
    container->name = mem_printf("wasme-%08x-%u", container->number, ++container->count);
    args_release(command);
    args_add_all(command, container->fixed.items);
    args_add(command, "--workdir");
    args_add(command, container->cwd ? container->cwd : container->source);
    if (takes_time && container->engine.init)
        args_add(command, "--init");
    for (; env && *env; env++) {
        args_add(command, "--env");
        args_add(command, *env);
    }
    args_add(command, "--name");
    args_add(command, container->name);
    args_add(command, "--entrypoint="); /* an image may begin with a program of its own */
    args_add(command, container->wish->image);
    args_add_all(command, argv);
    return command->items;
}

void container_end(struct container *container, bool stop)
{
    args_release(&container->command);
    if (stop && !engine_remove(&container->engine, container->name))
        notice_say(container->wish->notice, NOTICE_WARNING,
                   "the container %s may still be there: `%s rm --force %s`", container->name,
                   container->engine.program, container->name);
}
