/* Time. */
#ifndef WASME_BASE_CLOCK_H
#define WASME_BASE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

/* Milliseconds of a clock that only moves forward; its zero means nothing. */
int64_t clock_ms(void);
/* Sleeps; a signal ends the sleep early. */
void clock_sleep_ms(int64_t ms);

/* Bytes of a time as RFC 3339, section 5.6 writes it: "2021-12-01T14:33:02+08:00" and a NUL. */
#define CLOCK_TEXT_MAX 32

/* Writes a time in UTC, "2021-12-01T06:33:02Z". Returns false, with "" in `out`, for a time that is
 * outside of the years 0 to 9999: RFC 3339 has no text for such a time. */
bool clock_format(time_t when, char out[CLOCK_TEXT_MAX]);
/* The same in local time, "2021-12-01T14:33:02+08:00". */
bool clock_format_local(time_t when, char out[CLOCK_TEXT_MAX]);
/* Reads such a time, and drops its fraction of a second. Returns false for any other text. */
bool clock_parse(const char *text, time_t *out);

#endif
