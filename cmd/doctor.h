/* What the groups of checks of wasme doctor share. */
#ifndef WASME_CMD_DOCTOR_H
#define WASME_CMD_DOCTOR_H

#include "base/buf.h"
#include "cmd/transfer.h"
#include "registry/probe.h"

enum report_status {
    REPORT_OK,
    REPORT_ABSENT,  /* something that one may do without is not there */
    REPORT_SKIPPED, /* could not be looked at */
    REPORT_WARNING,
    REPORT_FAILED,
};

/* A line for each check, printed as it is known, or JSON at the end. */
struct report {
    bool json;
    bool color;
    struct buf out; /* the JSON so far */
    size_t checks;
    size_t failed;
};

void report_begin(struct report *report, bool json);
/* `fix` is the next step, or NULL. What peers say may be in the texts. */
void report_add(struct report *report, enum report_status status, const char *check,
                const char *fix, const char *format, ...) __attribute__((format(printf, 5, 6)));
/* Prints the JSON; ERR_FAILED when a check has failed. */
int report_end(struct report *report, struct err *err);

/* This machine: toolchains, the store, the libraries. */
int doctor_machine(struct report *report, const char *store, struct err *err);

/* A registry, and the repository in it that was named. */
struct doctor_target {
    struct ref ref;
    bool repository; /* was named */
    bool tagged;     /* so was a tag or digest */
    bool push;       /* is to be tried */
};

int doctor_server(struct report *report, struct transfer *transfer,
                  const struct doctor_target *target, struct err *err);
/* The rest of it, from the answer to /v2/ on; `needs` is what these checks lack, or NULL. */
int doctor_access(struct report *report, struct transfer *transfer,
                  const struct doctor_target *target, const struct probe_answer *version,
                  const char *needs, struct err *err);

#endif
