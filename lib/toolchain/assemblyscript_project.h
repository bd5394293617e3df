/* An npm project of an AssemblyScript filter. */
#ifndef WASME_TOOLCHAIN_ASSEMBLYSCRIPT_PROJECT_H
#define WASME_TOOLCHAIN_ASSEMBLYSCRIPT_PROJECT_H

#include <stdbool.h>

#include "base/err.h"
#include "toolchain/version.h"

#define ASSEMBLYSCRIPT_SDK "@solo-io/proxy-runtime"

/* What package.json and the files beside it say. */
struct assemblyscript_project {
    const char *script;  /* the script that builds; NULL: there is none */
    bool declared;       /* the project depends on the package assemblyscript */
    bool locked;         /* there is a lockfile of npm */
    bool has_modules;    /* there is a folder node_modules */
    char *config;        /* owned: the text of asconfig.json; NULL: there is none */
    bool has_entries;    /* asconfig.json names the source files */
    bool has_index;      /* there is an assembly/index.ts */
    bool own_configure;  /* its onConfigure() does not call that of the SDK */
    const char *install; /* the command that installs the packages: "npm ci" */
};
void assemblyscript_project_release(struct assemblyscript_project *project); /* for AUTO() */

/* Fails when there is no such folder, or no package.json that can be read in it. */
int assemblyscript_project_open(const char *folder, struct assemblyscript_project *out,
                                struct err *err);

/* What is installed for the project, in its node_modules or in those of a folder above. */
struct assemblyscript_tools {
    char *asc; /* owned: the absolute path of the compiler; NULL: it is not there */
    struct version asc_version;
    bool has_sdk;
    struct version sdk_version;
};
void assemblyscript_tools_release(struct assemblyscript_tools *tools); /* for AUTO() */
void assemblyscript_tools_find(const char *folder, struct assemblyscript_tools *out);

#endif
