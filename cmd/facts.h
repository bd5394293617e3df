/* The facts about a module and its image that a few words tell: `wasme inspect` shows them, and
 * `wasme diff` compares them. */
#ifndef WASME_CMD_FACTS_H
#define WASME_CMD_FACTS_H

#include "cmd/inspected.h"

enum fact_kind {
    FACT_FORMAT, /* of an image */
    FACT_ABI,
    FACT_TYPE, /* of an image, as the next two */
    FACT_CONFIG_ABI,
    FACT_ROOT_IDS,
    FACT_KIND,
    FACT_FEATURES,
    FACT_MEMORY,
    FACT_TABLE,
    FACT_START,
    FACT_LANGUAGE,
    FACT_TOOLS,
    FACT_SDK,
    FACT_COUNT,
};

struct fact {
    char **items; /* owned */
    size_t count;
};

struct facts {
    struct fact of[FACT_COUNT];
};

void facts_find(const struct inspected *inspected, struct facts *out);
void facts_release(struct facts *facts); /* usable with AUTO() */
bool fact_holds(const struct fact *fact, const char *item);
/* "Memory"; of at most ten letters. */
const char *fact_label(enum fact_kind kind);
/* The name of the fact in JSON: "memory". */
const char *fact_key(enum fact_kind kind);

#endif
