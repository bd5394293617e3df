#include "cmd/trust_files.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "cmd/settings.h"

static const char *const below_home[] = {".docker/certs.d", ".config/docker/certs.d",
                                         ".config/containers/certs.d"};
static const char *const of_system[] = {"/etc/docker/certs.d", "/etc/containers/certs.d"};

struct trust_sources trust_files_find(const char *ca_file)
{
    static char own[COUNT(below_home)][PATH_MAX];
    static const char *list[COUNT(below_home) + COUNT(of_system) + 1];
    const char *home = settings_variable("HOME");
    size_t n = 0;
    for (size_t i = 0; home && i < COUNT(below_home); i++) {
        (void)snprintf(own[i], PATH_MAX, "%s/%s", home, below_home[i]);
        list[n++] = own[i];
    }
    for (size_t i = 0; i < COUNT(of_system); i++)
        list[n++] = of_system[i];
    list[n] = NULL;
    return (struct trust_sources){
        .ca_file = ca_file,
        .system_file = settings_variable("SSL_CERT_FILE"),
        .system_folder = settings_variable("SSL_CERT_DIR"),
        .certs_d = list,
    };
}
