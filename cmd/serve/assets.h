/* The style and the script of the pages, as a part of the program. */
#ifndef WASME_CMD_SERVE_ASSETS_H
#define WASME_CMD_SERVE_ASSETS_H

const char *assets_style(void);
const char *assets_script(void);
/* The value of Content-Security-Policy that allows these two, each in one element of a page, and
 * nothing else. Any thread may ask. */
const char *assets_policy(void);

#endif
