/*
 * Notices: the words of a library about its work (a retry, a credential's source). A library
 * hands them to a function of the caller, since libraries do not print.
 */
#ifndef WASME_BASE_NOTICE_H
#define WASME_BASE_NOTICE_H

enum notice_level {
    NOTICE_DEBUG, /* shown with --verbose */
    NOTICE_INFO,
    NOTICE_WARNING,
};

struct notice {
    void (*say)(void *arg, enum notice_level level, const char *text); /* NULL: silence */
    void *arg;
};

/* Formats and hands on; `notice` may be NULL. Never pass a secret. */
void notice_say(const struct notice *notice, enum notice_level level, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
