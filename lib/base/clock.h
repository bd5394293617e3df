/* Time. */
#ifndef WASME_BASE_CLOCK_H
#define WASME_BASE_CLOCK_H

#include <stdint.h>

/* Milliseconds of a clock that only moves forward; its zero means nothing. */
int64_t clock_ms(void);
/* Sleeps; a signal ends it early. */
void clock_sleep_ms(int64_t ms);

#endif
