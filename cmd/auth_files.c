#include "cmd/auth_files.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "cmd/settings.h"

static char *below(const char *folder, const char *path)
{
    return folder ? mem_printf("%s/%s", folder, path) : NULL;
}

/* The file of podman outside a login session; NULL when this user cannot see it, as in a folder of
 * root. */
static char *system_file(void)
{
    AUTO_FREE char *path = mem_printf("/run/containers/%u/auth.json", (unsigned)getuid());
    return access(path, F_OK) == 0 ? STEAL(path) : NULL;
}

/* The files of containers-auth.json(5), section FILES: the first lasts as long as the login
 * session, the second for good. */
static void find_podman(struct auth_files *out)
{
    const char *given = settings_variable("REGISTRY_AUTH_FILE");
    const char *runtime = settings_variable("XDG_RUNTIME_DIR");
    const char *config = settings_variable("XDG_CONFIG_HOME");
    if (given) {
        out->podman[0] = mem_dup(given);
        return;
    }
    out->podman[0] = runtime ? below(runtime, "containers/auth.json") : system_file();
    out->podman[1] = config ? below(config, "containers/auth.json")
                            : below(settings_variable("HOME"), ".config/containers/auth.json");
}

/* DOCKER_CONFIG is the folder of Docker's file; many users name the file itself, which is accepted
 * too. */
static char *docker_file(void)
{
    struct stat info;
    const char *given = settings_variable("DOCKER_CONFIG");
    if (given && stat(given, &info) == 0 && S_ISREG(info.st_mode))
        return mem_dup(given);
    return given ? below(given, "config.json")
                 : below(settings_variable("HOME"), ".docker/config.json");
}

/* The file that Docker wrote before version 1.7, and that podman still reads. */
static char *legacy_file(void)
{
    AUTO_FREE char *path = below(settings_variable("HOME"), ".dockercfg");
    return path && access(path, F_OK) == 0 ? STEAL(path) : NULL;
}

/* Lists the sources. The file of `wasme login` comes first, so that a new login always counts; then
 * the variable, which is set for one job; then the files of other programs. */
static void list_sources(struct auth_files *out)
{
    static const char variable[] = "DOCKER_AUTH_CONFIG"; /* of GitLab's runner and Docker */
    const struct credential_place all[] = {
        {.name = out->own},       {.name = variable, .text = settings_variable(variable)},
        {.name = out->docker},    {.name = out->podman[0]},
        {.name = out->podman[1]}, {.name = out->legacy}};
    _Static_assert(COUNT(all) == AUTH_SOURCES_MAX, "the list has room for all");
    size_t n = 0;
    for (size_t i = 0; i < COUNT(all); i++) {
        if (!all[i].name || (all[i].name == variable && !all[i].text))
            continue;
        out->list[n] = all[i];
        out->list[n++].optional = true;
    }
}

void auth_files_find(struct auth_files *out)
{
    AUTO_FREE char *home = NULL;
    *out = (struct auth_files){0};
    if (settings_home(&home, ERR_IGNORED) == 0)
        out->own = below(home, "credentials.json");
    out->docker = docker_file();
    out->legacy = legacy_file();
    find_podman(out);
    list_sources(out);
}

void auth_files_release(struct auth_files *files)
{
    for (size_t i = 0; files->list[i].name; i++)
        free(files->list[i].problem);
    free(files->own);
    free(files->docker);
    free(files->podman[0]);
    free(files->podman[1]);
    free(files->legacy);
    *files = (struct auth_files){0};
}
