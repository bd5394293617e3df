/*
 * Running a language's tools in a container, by docker or podman, for a machine that has no such
 * tools. The folders of the build have the same paths inside as outside, so that no path needs to
 * be translated.
 */
#ifndef WASME_TOOLCHAIN_CONTAINER_H
#define WASME_TOOLCHAIN_CONTAINER_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/notice.h"

/* The exit status of docker and podman when the image has no such program, for a tool that takes no
 * time; from CONTAINER_NOT_RUN on, they could not run the container or the program. */
#define CONTAINER_NO_PROGRAM 127
#define CONTAINER_NOT_RUN 125

/* What is to run, and where. All is lent until container_free(). */
struct container_wish {
    const char *image;              /* the name of the image, as docker knows it */
    const char *source;             /* a folder, or a file in it */
    const char *work_dir;           /* absolute; HOME of the tools is a folder in it */
    const char *const *environment; /* NULL-terminated "NAME=value", as environ */
    uid_t uid;                      /* whom the files that the tools write shall belong to */
    gid_t gid;
    const struct notice *notice;
    const volatile int *interrupted; /* see struct process */
};

struct container;

/*
 * Finds docker or podman and the image, and pulls the image when it is not there. Docker comes
 * first; where its daemon cannot be reached and podman is there, a warning has Docker's words.
 * Errors name the program, its words and the next step. ERR_USAGE: the name of the image is empty,
 * begins with "-", or has blanks or control characters.
 */
int container_open(const struct container_wish *wish, struct container **out, struct err *err);
void container_free(struct container *container); /* takes NULL */
void container_free_at(struct container **container);

const char *container_image(const struct container *container);
const char *container_engine(const struct container *container); /* "docker" or "podman" */
/* The folder that is mounted: SOURCE, or a folder above it that the tools need to see. */
const char *container_root(const struct container *container);

/* The command that runs `argv` in the folder `cwd`, in a container of its own: an argument vector
 * that container_end() takes back. `env` ("NAME=value", or NULL) is for the tool; other variables are passed by their
 * names alone, since they may hold passwords. A tool that takes its time has a first process
 * before it, so that the tool hears signals; podman's tells nobody that a program is missing. */
const char *const *container_begin(struct container *container, const char *cwd,
                                   const char *const *argv, const char *const *env,
                                   bool takes_time);
/* Frees the vector. With `stop`, no container of that command is left: it is killed and removed
 * where it still is. */
void container_end(struct container *container, bool stop);

#endif
