/* Lists of texts. One that is all zero is empty. */
#ifndef WASME_BASE_TEXTS_H
#define WASME_BASE_TEXTS_H

#include <stdbool.h>
#include <stddef.h>

struct texts {
    char **items; /* each owned */
    size_t count;
};

/* Takes the text over. */
void texts_add(struct texts *list, char *text);
/* Sorts by strcmp(). */
void texts_sort(struct texts *list);
/* Does the same, and frees all but the first of equal texts. */
void texts_sort_once(struct texts *list);
/* Whether the text is in the list, which is sorted. */
bool texts_have(const struct texts *list, const char *text);
void texts_release(struct texts *list); /* usable with AUTO() */

#endif
