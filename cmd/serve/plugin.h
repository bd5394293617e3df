/*
 * The paths of Higress's plugin server (higress-group/plugin-server, pull_plugins.py):
 * /plugins/NAME/VERSION/plugin.wasm, and metadata.txt beside it.
 */
#ifndef WASME_CMD_SERVE_PLUGIN_H
#define WASME_CMD_SERVE_PLUGIN_H

#include "cmd/serve/catalogue.h"

struct plugin_path {
    char *name;    /* owned; may have slashes */
    char *version; /* owned; a tag */
    bool metadata; /* metadata.txt, else plugin.wasm */
};
/* Takes a path apart; false: the path is another one. */
bool plugin_path_parse(const char *path, struct plugin_path *out);
void plugin_path_release(struct plugin_path *path); /* usable with AUTO() */

/*
 * The image with that tag whose NAME is, in this order, the whole name with the host, the name
 * without the host, or the last part of the name. NULL when there is none, or when several fit the
 * same way: then `*several` is set, and `names` (which may be NULL) gets their full names, each on
 * a line.
 */
const struct catalogue_item *plugin_find(const struct catalogue *catalogue,
                                         const struct plugin_path *path, bool *several,
                                         struct buf *names);
/* The text of metadata.txt. */
void plugin_metadata(const char *name, long long size, time_t modified, const char *md5,
                     struct buf *out);

#endif
