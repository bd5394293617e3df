#include "cmd/auth_files.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"
#include "cmd/settings.h"

static const char *environment(const char *name)
{
    const char *value = getenv(name);
    return value && *value ? value : NULL;
}

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
    const char *given = environment("REGISTRY_AUTH_FILE");
    const char *runtime = environment("XDG_RUNTIME_DIR");
    const char *config = environment("XDG_CONFIG_HOME");
    if (given) {
        out->podman[0] = mem_dup(given);
        return;
    }
    out->podman[0] = runtime ? below(runtime, "containers/auth.json") : system_file();
    out->podman[1] = config ? below(config, "containers/auth.json")
                            : below(environment("HOME"), ".config/containers/auth.json");
}

void auth_files_find(struct auth_files *out)
{
    AUTO_FREE char *home = NULL;
    const char *docker = environment("DOCKER_CONFIG");
    *out = (struct auth_files){0};
    if (settings_home(&home, NULL) == 0)
        out->own = below(home, "credentials.json");
    out->docker =
        docker ? below(docker, "config.json") : below(environment("HOME"), ".docker/config.json");
    find_podman(out);
    char *const all[AUTH_FILES_MAX] = {out->own, out->docker, out->podman[0], out->podman[1]};
    size_t n = 0;
    for (size_t i = 0; i < COUNT(all); i++)
        if (all[i])
            out->list[n++] = all[i];
}

void auth_files_release(struct auth_files *files)
{
    free(files->own);
    free(files->docker);
    free(files->podman[0]);
    free(files->podman[1]);
    *files = (struct auth_files){0};
}
