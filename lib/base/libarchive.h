/* The functions of libarchive that are used, loaded when first needed: for base/tar.c and
 * base/tar_write.c alone. */
#ifndef WASME_BASE_LIBARCHIVE_H
#define WASME_BASE_LIBARCHIVE_H

#include <archive.h>
#include <archive_entry.h>

#include "base/err.h"

/* archive_NAME is called as lib_NAME. */
/* clang-format off */
#define LIBARCHIVE_FUNCTIONS(X) \
    X(error_string) X(filter_bytes) X(read_new) X(read_support_format_tar) \
    X(read_support_format_raw) X(read_append_filter) X(read_set_read_callback) \
    X(read_set_skip_callback) X(read_set_callback_data) X(read_open1) \
    X(read_next_header) X(read_data) X(read_data_block) X(read_free) \
    X(entry_pathname) X(entry_pathname_utf8) X(entry_hardlink) X(entry_symlink) X(entry_filetype) \
    X(entry_size) X(entry_size_is_set) X(entry_sparse_count) X(entry_new) X(entry_free) \
    X(entry_set_pathname) X(entry_set_size) X(entry_set_filetype) X(entry_set_perm) \
    X(entry_set_mtime) X(write_new) X(write_set_format_ustar) X(write_set_format_raw) \
    X(write_add_filter_gzip) X(write_set_filter_option) X(write_set_bytes_in_last_block) \
    X(write_open) X(write_header) X(write_data) X(write_close) X(write_free)
/* clang-format on */

#define LIBARCHIVE_DECLARE(name) extern __typeof__(archive_##name) *lib_##name;
LIBARCHIVE_FUNCTIONS(LIBARCHIVE_DECLARE)

int libarchive_load(struct err *err);

#endif
