/*
 * The registries' ways to log in, which a small file of the cache folder remembers from run to run:
 * Basic, or Bearer with realm and service, or none. The file has no secret. Only recall.c decides
 * what is remembered and used.
 *
 * The file "registries.json": {"format": 1, "registries": [{"host", "over", "scheme", "realm",
 * "service", "http2", "seen"}, ...]}; "http2" is 1 or left out, "seen" is in seconds since 1970.
 */
#ifndef WASME_REGISTRY_MEMORY_H
#define WASME_REGISTRY_MEMORY_H

#include <stdbool.h>
#include <stddef.h>

#define MEMORY_FILE_MAX (256 * 1024) /* bytes; a larger file counts as none */
#define MEMORY_ENTRIES_MAX 256       /* when there are more, the oldest are forgotten */
#define MEMORY_TEXT_MAX 1024         /* bytes of a host, realm or service */
#define MEMORY_DAYS 30               /* an older entry is not used */

/* The way on which the challenge came. What came on one way says nothing of the others. */
enum memory_over { OVER_HTTPS, OVER_HTTP, OVER_UNVERIFIED /* TLS, with --insecure */ };

struct memory_entry {
    char *host; /* as references write the host: "harbor.example:8443" */
    enum memory_over over;
    bool open;      /* no login is asked for */
    bool bearer;    /* otherwise Basic, if not `open` */
    char *realm;    /* with Bearer */
    char *service;  /* or NULL */
    bool http2;     /* small requests may share one connection from the start */
    long long seen; /* time(): when the registry last answered so */
    bool forgotten; /* in `changes`: the entry is to go */
};

struct memory_list {
    struct memory_entry *items; /* owned, with their texts */
    size_t count;
};

struct memory {
    const char *dir; /* lent; NULL: nothing is read or written */
    bool loaded;
    struct memory_list list;    /* the file, with the changes of this run */
    struct memory_list changes; /* what this run has kept or forgotten */
};

/* The entry of that host and way, when it is not too old; lent until the next change. */
const struct memory_entry *memory_find(struct memory *memory, const char *host,
                                       enum memory_over over);
/* Keeps a copy of the entry, seen now. */
void memory_keep(struct memory *memory, const struct memory_entry *entry);
void memory_forget(struct memory *memory, const char *host, enum memory_over over);
/* Writes the file, if something has changed, together with what another process has written
 * meanwhile, and releases the memory. */
void memory_close(struct memory *memory);

/* Reads the text of a file. False: it is not the text of such a file, and the list stays empty. */
bool memory_parse(const char *text, size_t len, struct memory_list *out);
void memory_list_release(struct memory_list *list); /* usable with AUTO() */

#endif
