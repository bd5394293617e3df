#include "toolchain/container_engine.h"

#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/process.h"

#define ANSWER_MAX (64 * 1024)

/* What docker or podman answered. */
struct said {
    int status;
    struct buf output, talk;
};

#define SAID_INIT                                                                                  \
    {                                                                                              \
        .output = BUF_INIT(ANSWER_MAX), .talk = BUF_INIT(ANSWER_MAX)                               \
    }

static void said_release(struct said *answer)
{
    buf_release(&answer->output);
    buf_release(&answer->talk);
}

static int ask(const char *const *argv, const volatile int *interrupted, struct said *answer,
               struct err *err)
{
    const struct process process = {.argv = argv,
                                    .output = process_keep(&answer->output),
                                    .talk = process_keep(&answer->talk),
                                    .own_group = true,
                                    .seconds = ENGINE_SECONDS,
                                    .interrupted = interrupted};
    int rc = process_run(&process, &answer->status, err);
    return rc && rc != ERR_NOT_FOUND ? err_wrap(err, "%s %s", argv[0], argv[1]) : rc;
}

/* The first line of the program's words that is not empty, without "Error: " before it. */
static const char *reason(const struct said *answer, int *len)
{
    static const char *const starts[] = {"Error: ", "ERROR: "};
    const char *words = buf_text(&answer->talk);
    words += strspn(words, " \t\r\n");
    for (size_t i = 0; i < COUNT(starts); i++)
        if (strncmp(words, starts[i], strlen(starts[i])) == 0)
            words += strlen(starts[i]);
    *len = (int)strcspn(words, "\r\n");
    return words;
}

/* --- Which of them --- */

/* Debian's podman finds its first process in these places alone. Without such a program podman
 * refuses --init. */
static bool podman_has_init(void)
{
    static const char *const places[] = {
        "/usr/libexec/podman/catatonit", "/usr/lib/podman/catatonit",
        "/usr/local/libexec/podman/catatonit", "/usr/local/lib/podman/catatonit"};
    for (size_t i = 0; i < COUNT(places); i++)
        if (access(places[i], X_OK) == 0)
            return true;
    return false;
}

static void be_podman(const char *program, struct engine *out)
{
    out->program = program;
    out->podman = true;
    out->init = podman_has_init();
}

/* Asks Docker's daemon for something. An error has Docker's words. */
static int ask_daemon(const struct engine *engine, const char *command, const char *format,
                      struct said *answer, struct err *err)
{
    const char *const argv[] = {"docker", command, "--format", format, NULL};
    int rc = ask(argv, engine->interrupted, answer, err);
    if (rc || !answer->status)
        return rc;
    int len = 0;
    const char *words = reason(answer, &len);
    return err_set(err, ERR_FAILED, "docker: %.*s", len, words);
}

/* Whether the daemon is there, and how it maps users. Older programs have no good words about a
 * missing daemon for `docker info`. */
static int be_docker(struct engine *out, struct err *err)
{
    AUTO(said_release) struct said version = SAID_INIT;
    AUTO(said_release) struct said answer = SAID_INIT;
    int rc = ask_daemon(out, "version", "{{.Server.Version}}", &version, err);
    if (!rc)
        rc = ask_daemon(out, "info", "{{json .SecurityOptions}}", &answer, err);
    if (rc)
        return rc;
    out->program = "docker";
    out->init = true;
    out->rootless = strstr(buf_text(&answer.output), "name=rootless") != NULL;
    out->remapped = strstr(buf_text(&answer.output), "name=userns") != NULL;
    return 0;
}

/* ERR_NOT_FOUND: there is no docker. ERR_FAILED: docker does not reach its daemon. */
static int try_docker(struct engine *out, struct err *err)
{
    static const char *const argv[] = {"docker", "--version", NULL};
    AUTO(said_release) struct said answer = SAID_INIT;
    int rc = ask(argv, out->interrupted, &answer, err);
    if (rc)
        return rc;
    if (strncmp(buf_text(&answer.output), "podman", strlen("podman")) != 0)
        return be_docker(out, err);
    be_podman("docker", out);
    return 0;
}

static int try_podman(struct engine *out, struct err *err)
{
    static const char *const argv[] = {"podman", "--version", NULL};
    AUTO(said_release) struct said answer = SAID_INIT;
    int rc = ask(argv, out->interrupted, &answer, err);
    if (!rc)
        be_podman("podman", out);
    return rc;
}

int engine_find(const struct notice *notice, const volatile int *interrupted, struct engine *out,
                struct err *err)
{
    struct engine engine = {.interrupted = interrupted};
    AUTO(err_release) struct err docker = ERR_INIT;
    int rc = try_docker(&engine, &docker);
    if (rc == 0 || rc == ERR_INTERRUPTED) {
        *out = engine;
        return err_move(err, &docker);
    }
    int second = try_podman(&engine, err);
    if (second == ERR_NOT_FOUND && rc == ERR_NOT_FOUND)
        return err_set(err, rc,
                       "neither docker nor podman is in PATH: get one from "
                       "https://podman.io/docs/installation, or Debian's package podman");
    if (second == ERR_NOT_FOUND)
        return err_set(err, rc,
                       "%s: start the daemon (`systemctl start docker`), or see that DOCKER_HOST "
                       "names one which you may use, or install podman, which needs none",
                       err_text(&docker));
    if (second)
        return second;
    if (rc != ERR_NOT_FOUND)
        notice_say(notice, NOTICE_WARNING, "%s; podman is used", err_text(&docker));
    *out = engine;
    return 0;
}

/* --- The image --- */

/* Whether the name begins with a registry. Podman guesses none. */
static bool names_registry(const char *image)
{
    size_t len = strcspn(image, "/");
    return image[len] && (strcspn(image, ".:") < len || strncmp(image, "localhost/", 10) == 0);
}

static int is_there(const struct engine *engine, const char *image, bool *out, struct err *err)
{
    const char *const argv[] = {engine->program, "image", "inspect", image, NULL};
    AUTO(said_release) struct said answer = SAID_INIT;
    int rc = ask(argv, engine->interrupted, &answer, err);
    *out = !rc && answer.status == 0;
    return rc;
}

static int pull(const struct engine *engine, const char *image, struct err *err)
{
    const char *const argv[] = {engine->program, "pull", image, NULL};
    const struct process process = {.argv = argv,
                                    .output_to_stderr = true,
                                    .own_group = true,
                                    .interrupted = engine->interrupted};
    int status = 0;
    int rc = process_run(&process, &status, err);
    if (rc)
        return err_wrap(err, "%s pull", engine->program);
    if (!status)
        return 0;
    bool nameless = engine->podman && !names_registry(image);
    return err_set(err, ERR_FAILED, "%s pull %s ended with status %d: see its output above%s%s",
                   engine->program, image, status,
                   nameless ? ", or write the registry, too: docker.io/" : "",
                   nameless ? image : "");
}

int engine_get_image(const struct engine *engine, const char *image, const struct notice *notice,
                     struct err *err)
{
    bool there = false;
    int rc = is_there(engine, image, &there, err);
    if (rc || there)
        return rc;
    notice_say(notice, NOTICE_INFO, "%s has no image %s yet: pulling it", engine->program, image);
    return pull(engine, image, err);
}

/* --- The end --- */

bool engine_remove(const struct engine *engine, const char *name)
{
    const char *const kill[] = {engine->program, "kill", name, NULL};
    const char *const remove[] = {engine->program, "rm", "--force", name, NULL};
    AUTO(said_release) struct said killed = SAID_INIT;
    AUTO(said_release) struct said removed = SAID_INIT;
    /* Podman's rm alone would wait ten seconds for the program to end. */
    (void)ask(kill, NULL, &killed, ERR_IGNORED);
    if (ask(remove, NULL, &removed, ERR_IGNORED))
        return false;
    return removed.status == 0 || strcasestr(buf_text(&removed.talk), "no such container") ||
           strcasestr(buf_text(&removed.talk), "already in progress");
}
