#include "module/abi.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* Whether `text` is three decimal numbers with '_' between them: X_Y_Z in the specification. */
static bool is_version(const char *text)
{
    for (int part = 0; part < 3; part++) {
        size_t digits = strspn(text, "0123456789");
        if (digits == 0 || digits > 9)
            return false;
        text += digits;
        if (*text != (part < 2 ? '_' : '\0'))
            return false;
        text++;
    }
    return true;
}

/* "vX.Y.Z", or NULL when the export is no ABI marker. */
static char *version_of(const struct module_export *export)
{
    size_t prefix = strlen(ABI_EXPORT_PREFIX);
    if (export->kind != EXTERN_FUNC || strncmp(export->name, ABI_EXPORT_PREFIX, prefix) != 0 ||
        !is_version(export->name + prefix))
        return NULL;
    char *version = mem_printf("v%s", export->name + prefix);
    for (char *c = version; *c; c++) {
        if (*c == '_')
            *c = '.';
    }
    return version;
}

static bool holds(char *const *versions, size_t count, const char *version)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(versions[i], version) == 0)
            return true;
    }
    return false;
}

void abi_versions(const struct module *module, char ***out, size_t *count)
{
    char **versions = NULL;
    size_t found = 0;
    for (size_t i = 0; i < module->export_count && found < ABI_MAX_VERSIONS; i++) {
        AUTO_FREE char *version = version_of(&module->exports[i]);
        if (!version || holds(versions, found, version))
            continue;
        versions = mem_resize(versions, found + 1, sizeof(*versions));
        versions[found++] = STEAL(version);
    }
    *out = versions;
    *count = found;
}

void abi_versions_free(char **versions, size_t count)
{
    for (size_t i = 0; i < count; i++)
        free(versions[i]);
    free(versions);
}
