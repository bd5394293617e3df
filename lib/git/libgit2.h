/* The functions of libgit2 that are used, loaded when first needed: for this room alone. */
#ifndef WASME_GIT_LIBGIT2_H
#define WASME_GIT_LIBGIT2_H

/* Not all of git2.h: its index.h has a member "ctime", a word that base/banned.h bans. */
#include <git2/blob.h>
#include <git2/commit.h>
#include <git2/config.h>
#include <git2/errors.h>
#include <git2/global.h>
#include <git2/object.h>
#include <git2/odb.h>
#include <git2/odb_backend.h>
#include <git2/refs.h>
#include <git2/repository.h>
#include <git2/status.h>
#include <git2/sys/alloc.h>
#include <git2/sys/odb_backend.h>
#include <git2/tree.h>
#include <git2/version.h>

#include "base/err.h"

/* git_NAME is called as lib_NAME. */
/* clang-format off */
#define LIBGIT2_FUNCTIONS(X) \
    X(libgit2_init) X(libgit2_opts) X(error_last) \
    X(oid_fromstr) X(oid_tostr) X(odb_open) X(odb_free) X(odb_write_pack) X(odb_read_header) \
    X(repository_wrap_odb) X(repository_odb) X(repository_open_ext) X(repository_free) \
    X(repository_workdir) X(reference_name_to_id) \
    X(reference_iterator_new) X(reference_next_name) X(reference_iterator_free) \
    X(object_lookup) X(object_peel) X(object_id) X(object_free) X(commit_tree_id) \
    X(tree_lookup) X(tree_free) X(tree_entry_bypath) X(tree_entry_free) X(tree_entrycount) \
    X(tree_entry_byindex) X(tree_entry_name) X(tree_entry_id) X(tree_entry_filemode_raw) \
    X(blob_lookup) X(blob_rawcontent) X(blob_rawsize) X(blob_free) X(config_open_ondisk) \
    X(config_foreach) X(config_free) \
    X(repository_config_snapshot) X(config_get_string) \
    X(status_list_new) X(status_list_entrycount) X(status_list_free)
/* clang-format on */

#define LIBGIT2_DECLARE(name) extern __typeof__(git_##name) *lib_##name;
LIBGIT2_FUNCTIONS(LIBGIT2_DECLARE)

/* Loads libgit2 and makes it ready. */
int libgit2_load(struct err *err);
/* The error of the call that has just failed, in libgit2's words behind those of the format.
 * Returns ERR_FAILED; after GIT_ENOTFOUND as `code`, ERR_NOT_FOUND; ERR_DAMAGED for an object that
 * is too large. */
int libgit2_fail(struct err *err, int code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
