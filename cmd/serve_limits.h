/* Limits of `wasme serve` that the man page names. */
#ifndef WASME_CMD_SERVE_LIMITS_H
#define WASME_CMD_SERVE_LIMITS_H

/* The limits of the page of a folder: the names, of which the first in byte order are shown, and
 * the bytes of its rows. */
#define LISTING_NAMES_MAX 10000
#define LISTING_BYTES_MAX (4 * 1024 * 1024)
/* The files whose ABI that page shows. */
#define LISTING_MODULES_MAX 1000

#endif
