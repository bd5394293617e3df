/* From a request target to the path that it means (RFC 9112, section 3.2; RFC 3986). */
#ifndef WASME_SERVER_TARGET_H
#define WASME_SERVER_TARGET_H

enum { TARGET_PATH_MAX = 4096 };

/*
 * The percent-decoded path of an origin-form or absolute-form target, without its query: it
 * starts with '/', holds no NUL, and none of its segments is "." or ".."; only the last one may
 * be empty (a final slash). Returns 0, or the status to answer: 400 also for a segment that hides
 * a slash ("%2F"), 414 for a path that is too long.
 */
int target_path(const char *target, char out[TARGET_PATH_MAX + 1]);

#endif
