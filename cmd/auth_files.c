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

/* Where podman keeps it without a session. The folder may be root's alone: then it is none of ours.
 */
static char *system_file(void)
{
    AUTO_FREE char *path = mem_printf("/run/containers/%u/auth.json", (unsigned)getuid());
    return access(path, F_OK) == 0 ? STEAL(path) : NULL;
}

/* containers-auth.json(5), "FILES": one for the session, then one that lasts. */
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

/* Docker wants the folder; many name the file in it. */
static char *docker_file(void)
{
    struct stat info;
    const char *given = settings_variable("DOCKER_CONFIG");
    if (given && stat(given, &info) == 0 && S_ISREG(info.st_mode))
        return mem_dup(given);
    return given ? below(given, "config.json")
                 : below(settings_variable("HOME"), ".docker/config.json");
}

/* What Docker before 1.7 wrote, and podman still reads. */
static char *legacy_file(void)
{
    AUTO_FREE char *path = below(settings_variable("HOME"), ".dockercfg");
    return path && access(path, F_OK) == 0 ? STEAL(path) : NULL;
}

/* Our own login comes first, so that `wasme login` is never in vain; the variable is for one job,
 * and so comes before the files of the user. */
static void list_sources(struct auth_files *out)
{
    static const char variable[] = "DOCKER_AUTH_CONFIG"; /* as GitLab's runner and Docker have it */
    const struct credential_place all[AUTH_SOURCES_MAX] = {
        {.name = out->own},       {.name = variable, .text = settings_variable(variable)},
        {.name = out->docker},    {.name = out->podman[0]},
        {.name = out->podman[1]}, {.name = out->legacy}};
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
