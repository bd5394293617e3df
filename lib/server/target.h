/* The path that a request target means (RFC 9112, section 3.2; RFC 3986). */
#ifndef WASME_SERVER_TARGET_H
#define WASME_SERVER_TARGET_H

enum { TARGET_PATH_MAX = 4096 };

/*
 * Decodes the path of an origin-form or absolute-form target, without the query. The path starts
 * with '/', holds no NUL, and has no "." or ".." segment; only the last segment may be empty (a
 * final slash). Returns 0, or the status to answer: 400 also for a segment that hides a slash
 * ("%2F"), 414 for a path that is too long.
 */
int target_path(const char *target, char out[TARGET_PATH_MAX + 1]);

#endif
