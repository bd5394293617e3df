/* The filters of a run: their modules as files, their names, root ids and configurations. */
#ifndef WASME_CMD_RUN_CHAIN_H
#define WASME_CMD_RUN_CHAIN_H

#include "cmd/check_subject.h"
#include "cmd/command.h"
#include "module/host/host.h"

enum { CHAIN_CONFIG_MAX = 1024 * 1024 }; /* bytes of a configuration */

/* The user's words. All is lent. */
struct chain_wish {
    const char *const *subjects; /* REF or FILE */
    size_t count;
    const struct option_list *configs;  /* in the order of the filters: C, or @FILE; "": none */
    const struct option_list *root_ids; /* likewise */
    const char *config_file;            /* for filters without such a configuration; or NULL */
    struct subject_place *place;
    struct host_choice host; /* that judges the modules */
    const char *folder;      /* for the modules */
};

struct chain_filter {
    const char *text; /* as the user wrote it; lent */
    char *name;       /* different for each filter; small letters, digits and "-" */
    char *module;     /* the path of its file in the folder */
    char *root_id;    /* or NULL */
    char *config;     /* or NULL */
    char *origin;     /* the file that the module came from, which may change; NULL: a registry */
};
struct chain {
    struct chain_filter *items;
    size_t count;
};
void chain_release(struct chain *chain); /* usable with AUTO() */

/* Reads all filters, and warns of a module that the host will not load. ERR_USAGE: there are more
 * configurations or root ids than filters. */
int chain_open(const struct chain_wish *wish, struct chain *out, struct err *err);
/* "add-header, auth": the names. The caller frees the text. */
char *chain_names(const struct chain *chain);

#endif
