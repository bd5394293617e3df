/* Time. */
#ifndef WASME_BASE_CLOCK_H
#define WASME_BASE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

/* Milliseconds of a clock that only moves forward; its zero means nothing. */
int64_t clock_ms(void);
/* Sleeps; a signal ends it early. */
void clock_sleep_ms(int64_t ms);
#define CLOCK_TEXT_SIZE 64
/* Writes "2021-12-01T06:33:02Z" (RFC 3339, in UTC); false, and "", for a time without a date. */
bool clock_format(time_t when, char out[CLOCK_TEXT_SIZE]);
/* "2021-12-01T14:33:02.5+08:00" (RFC 3339, section 5.6), without its fraction; false when the text
 * is no such time. */
bool clock_parse(const char *text, time_t *out);

#endif
