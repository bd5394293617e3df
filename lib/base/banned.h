/* Included before every file: functions that cannot be used safely do not compile here. */
#ifndef WASME_BASE_BANNED_H
#define WASME_BASE_BANNED_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* clang's fortified headers make macros of these. */
#undef sprintf
#undef vsprintf

#pragma GCC poison strcpy strcat strncpy strncat sprintf vsprintf gets strtok system popen
#pragma GCC poison asctime ctime gmtime localtime atoi atol atoll tmpnam mktemp

#endif
