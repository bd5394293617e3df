/* Modules before hosts: one line for each case. */
#ifndef WASME_TESTS_JUDGING_H
#define WASME_TESTS_JUDGING_H

#include "module/host/host.h"

struct judging {
    const char *host;  /* "envoy:1.39" */
    const char *items; /* see wasm_builder.h */
    enum host_answer answer;
    const char *says[3]; /* each is in one of the verdict's texts; the first "-": no note at all */
};

/* Fails the test for each case with another answer, or without its words. */
void check_judgings(const struct judging *cases, size_t count);
/* The verdict itself; the caller releases it. */
void judge_items(const char *host, const char *items, struct host_verdict *out);

#endif
