/* The report of wasme doctor: a line for each check, printed at once, or JSON at the end. */
#ifndef WASME_CMD_DOCTOR_REPORT_H
#define WASME_CMD_DOCTOR_REPORT_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"

enum report_status {
    REPORT_OK,
    REPORT_ABSENT,  /* the thing is not there, and is not needed */
    REPORT_SKIPPED, /* the check could not be made */
    REPORT_WARNING,
    REPORT_FAILED,
};

struct report {
    bool json;
    bool color;
    struct buf out; /* the JSON so far */
    size_t checks;
    size_t failed;
    const char *lacking; /* what the checks so far did not find, and later ones need; or NULL */
};

/* The outcome of a check. */
struct finding {
    enum report_status status;
    const char *check; /* its name, as "tls" */
    const char *fix;   /* the next step of the user, or NULL */
};

void report_begin(struct report *report, bool json);
/* Adds a finding, with the details as by printf(3). The texts may hold words of a peer. */
void report_add(struct report *report, struct finding finding, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* The same for each status: `...` is the format and its arguments. */
#define report_ok(report, check_, ...)                                                             \
    report_add(report, (struct finding){REPORT_OK, check_, NULL}, __VA_ARGS__)
#define report_skipped(report, check_, ...)                                                        \
    report_add(report, (struct finding){REPORT_SKIPPED, check_, NULL}, __VA_ARGS__)
#define report_warning(report, check_, fix_, ...)                                                  \
    report_add(report, (struct finding){REPORT_WARNING, check_, fix_}, __VA_ARGS__)
#define report_failed(report, check_, fix_, ...)                                                   \
    report_add(report, (struct finding){REPORT_FAILED, check_, fix_}, __VA_ARGS__)
/* Reports that a check failed, so that `lacking`, which the later checks need, is not there. */
void report_lack(struct report *report, const char *check, const char *lacking, const char *fix,
                 const char *detail);
/* Reports that the check is skipped, if anything is lacking; returns whether that is so. */
bool report_skips(struct report *report, const char *check);
/* Prints the JSON. ERR_FAILED when a check has failed. */
int report_end(struct report *report, struct err *err);

#endif
