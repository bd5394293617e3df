/* Every unit test includes this header: cmocka and its prerequisites. */
#ifndef WASME_TESTS_UNIT_H
#define WASME_TESTS_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/mem.h"

/* Fails with the error's text when there is one. */
#define assert_ok(rc, err)                                                                         \
    do {                                                                                           \
        if ((rc) != 0)                                                                             \
            fail_msg("failed: %s", err_text(err));                                                 \
    } while (0)

#define assert_contains(text, part)                                                                \
    do {                                                                                           \
        if (!strstr((text), (part)))                                                               \
            fail_msg("\"%s\" is not in \"%s\"", (part), (text));                                   \
    } while (0)

#endif
