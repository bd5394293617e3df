/* The checks of wasme doctor, each group in the file that is named beside it. */
#ifndef WASME_CMD_DOCTOR_H
#define WASME_CMD_DOCTOR_H

#include "cmd/doctor_report.h"
#include "cmd/transfer.h"
#include "registry/probe.h"

/* doctor_machine.c: the toolchains, the store and the libraries of this machine. */
int doctor_machine(struct report *report, const char *store, struct err *err);

/* The examination of a registry, and of the repository that the user named. */
struct doctor {
    struct report *report;
    struct transfer *transfer;
    struct ref ref;
    bool repository; /* the user named a repository */
    bool tagged;     /* and a tag or digest in it */
    bool push;       /* try whether a push is allowed */
    const char
        *needs; /* what an earlier check did not find, so that later ones are skipped; or NULL */
};

/* doctor_server.c: the way to the registry, and then doctor_access(). */
int doctor_server(const struct doctor *doctor, struct err *err);
/* doctor_access.c: what the registry allows, from its answer to /v2/ on. */
int doctor_access(const struct doctor *doctor, const struct probe_answer *version, struct err *err);

#endif
