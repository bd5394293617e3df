/* Only clang-tidy reads this header, before each file. Its analyzer sees one file at a time; the
 * header tells the analyzer that the functions which make an error never return 0. */
#ifndef WASME_TESTS_LINT_H
#define WASME_TESTS_LINT_H

#include "base/err.h"

#define err_set(err, code, ...) (err_set(err, code, __VA_ARGS__), (code))
#define err_errno(err, ...) (err_errno(err, __VA_ARGS__), ERR_FAILED)
#define err_wrap(err, ...) (err_wrap(err, __VA_ARGS__), ERR_FAILED)

#endif
