/* The parts of a filter's page that are about its module, and about who takes the filter. */
#ifndef WASME_CMD_SERVE_MODULE_PAGE_H
#define WASME_CMD_SERVE_MODULE_PAGE_H

#include "cmd/serve/filter_page.h"

/* Adds the facts that a few words tell. */
void module_page_facts(const struct filter_view *view, struct buf *out);
/* Adds who takes the filter, and the sections, the exports and the imports. */
void module_page(const struct filter_view *view, struct buf *out);

#endif
