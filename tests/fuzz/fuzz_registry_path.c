/* Addresses of the registry API: any path is read or refused; one that is read is the path of what
 * was read, and the name of a repository leads to no other folder. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/mem.h"
#include "image/ref.h"
#include "store/distribution/depot.h"
#include "store/distribution/path.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect(bool fact)
{
    if (!fact)
        abort();
}

/* The usual path of what was read. */
static char *write_path(const struct dist_path *path)
{
    static const char *const words[] = {
        [DIST_TAGS] = "tags/list",
        [DIST_MANIFEST] = "manifests/",
        [DIST_BLOB] = "blobs/",
        [DIST_REFERRERS] = "referrers/",
        [DIST_UPLOADS] = "blobs/uploads/",
        [DIST_UPLOAD] = "blobs/uploads/",
    };
    if (path->kind == DIST_BASE)
        return mem_dup("/v2/");
    if (path->kind == DIST_CATALOG)
        return mem_dup("/v2/_catalog");
    return mem_printf("/v2/%s/%s%s", path->name, words[path->kind], path->key);
}

/* No part of a valid name is "." or "..", or one of the depot's own folders. */
static void check_name(const char *name)
{
    if (!ref_repository_valid(name))
        return;
    AUTO_FREE char *inside = mem_printf("/%s/", name);
    expect(!strstr(inside, "//") && !strstr(inside, "/.") && !strstr(inside, "/_"));
}

static void check_key(const char *key)
{
    struct digest_any digest, again;
    char entry[DEPOT_ENTRY_MAX + 1];
    if (digest_any_parse(key, &digest, ERR_IGNORED) != 0)
        return;
    depot_entry(&digest, entry);
    expect(!strchr(entry, '/') && depot_entry_read(entry, &again) &&
           digest_any_equal(&digest, &again));
}

/* Any value is a text, or refused. */
static void check_query(const char *query)
{
    for (size_t i = 0; i < 3; i++) {
        AUTO_FREE char *value = dist_query(query, "tag", i);
        expect(!value || strlen(value) <= strlen(query));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO_FREE char *text = mem_dup_n((const char *)data, size);
    struct dist_path path, again;
    char *query = strchr(text, '?');
    if (query) {
        *query = '\0';
        check_query(query + 1);
    }
    if (!dist_path_read(text, &path))
        return 0;
    expect(dist_path_is_one(text));
    expect(strlen(path.name) <= REF_NAME_MAX && strlen(path.key) <= DIST_KEY_MAX);
    AUTO_FREE char *shown = write_path(&path);
    expect(dist_path_read(shown, &again) && again.kind == path.kind &&
           strcmp(again.name, path.name) == 0 && strcmp(again.key, path.key) == 0);
    check_name(path.name);
    check_key(path.key);
    return 0;
}
