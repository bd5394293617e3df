/* The bounds of a source in git, over all its submodules. Beyond one of them, it is refused. */
#ifndef WASME_GIT_LIMITS_H
#define WASME_GIT_LIMITS_H

#define GIT_RECEIVED_MAX (1024LL * 1024 * 1024)    /* bytes from servers */
#define GIT_FILES_MAX 200000                       /* files and folders */
#define GIT_FILES_BYTES (4LL * 1024 * 1024 * 1024) /* bytes of all files */
#define GIT_FILE_BYTES (1024LL * 1024 * 1024)      /* bytes of one file */
#define GIT_FOLDERS_BYTES (128LL * 1024 * 1024)    /* bytes of the lists of files of all folders */
#define GIT_DEPTH_MAX 50                           /* folders in folders */
#define GIT_SUBMODULES_MAX 100
#define GIT_SUBMODULE_DEPTH_MAX 10 /* submodules in submodules */

#endif
