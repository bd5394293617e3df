/* The text of the progress bar, made from numbers alone: progress.c draws it. */
#ifndef WASME_CMD_PROGRESS_LINE_H
#define WASME_CMD_PROGRESS_LINE_H

#include <stdint.h>

struct progress_state {
    const char *what; /* the name of the data, in ASCII: "filter.wasm", "3 of 10 images" */
    long long done;   /* bytes */
    long long total;  /* 0: not known */
    long long rate;   /* bytes a second; 0: not known */
};

/* The line for a terminal of so many columns. The last column stays free, since some terminals
 * begin a new line there. On a narrow terminal, parts are left out: first the speed, then the time
 * left, the bar and the bytes; "" if not even a percentage fits. The caller frees the line. */
char *progress_line(const struct progress_state *state, int columns);
/* "0:07", "12:34", "1:02:03"; "": the end is not known, or more than 99 hours away. */
void progress_time_left(const struct progress_state *state, char out[32]);

/* The speed of a transfer over the last seconds. */
#define METER_SAMPLES 20
struct meter {
    struct {
        int64_t at; /* clock_ms() */
        long long done;
    } samples[METER_SAMPLES]; /* a ring */
    unsigned count;           /* how many samples were ever taken */
};
/* The bytes a second; 0: too early to tell. A smaller `done` than before begins another
 * transfer. */
long long meter_rate(struct meter *meter, int64_t now, long long done);

#endif
