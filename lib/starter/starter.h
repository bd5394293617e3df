/*
 * Starters: a small filter for each language, with which an author begins. The files are in
 * lib/starter/files/ and are part of the program.
 */
#ifndef WASME_STARTER_STARTER_H
#define WASME_STARTER_STARTER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/notice.h"

struct starter_file {
    const char *path; /* below the folder of the filter, and in one folder more at most */
    const char *begin, *end;
};

struct starter {
    const char *language;             /* a word for `wasme build`, too */
    const char *alias;                /* another word for it; or NULL */
    const char *summary;              /* for help: at most 50 characters */
    const char *build;                /* goes behind "wasme build LANGUAGE . -t REF"; or NULL */
    const char *prepare;              /* a command before the first build; or NULL */
    const struct starter_file *files; /* the last has no path */
    const struct starter_file *readme_end; /* follows its README.md; or NULL */
    /* A module without instructions that has the imports and exports of the filter, so that a host
     * can be asked about the filter before the filter is built. scripts/outline-module.py makes
     * it. */
    struct starter_file outline;
};

/* "tinygo", ...; NULL behind the last. */
const char *starter_listed(size_t at);
/* The starter at that place, or NULL; and that of the language or its alias, or NULL. */
const struct starter *starter_at(size_t at);
const struct starter *starter_find(const char *language);
/* The starter of the same language that a host ("mosn") needs, which is often the same one. A
 * starter for one host has no alias and no summary. */
const struct starter *starter_for(const struct starter *starter, const char *host);

#define STARTER_NAME_MAX 64

/* A name for the filter in the folder `dir`, which need not exist: the last part of its path with
 * the characters that a Go module, a crate, an npm package and a reference all accept. The caller
 * frees the name. */
char *starter_name(const char *dir);

/*
 * Writes the files of the starter into the folder `dir` for a filter called `name`. The folder and
 * those above it are made when they do not exist. When a file of the starter's names exists, the
 * error lists all such files and nothing is written. After any other failure, and after
 * ERR_INTERRUPTED by stop_check(), the files and folders that were made are removed again.
 */
int starter_write(const struct starter *starter, const char *dir, const char *name,
                  struct err *err);

/* Copies the files of the folder `from` into the folder `dir` under the same rules. A symbolic link
 * that leads out of `from` is left out with a warning. */
int starter_copy(const char *from, const char *dir, const struct notice *notice, struct err *err);

#endif
