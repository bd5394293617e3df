/* HTTP/1.1 in the clear, to this machine itself: see http.h for why it is there. */
#ifndef WASME_REGISTRY_PLAIN_H
#define WASME_REGISTRY_PLAIN_H

#include "registry/http.h"

struct plain_engine;

/* Is the URL for this engine: http, and a loopback address or a name of this machine? */
bool plain_takes(const char *url);
void plain_engine_open(const struct http_settings *settings, struct plain_engine **out);
void plain_engine_close(struct plain_engine *engine);
bool plain_engine_busy(const struct plain_engine *engine); /* has it an exchange that runs? */
/* As http_start() and its kin; connecting happens in it. */
int plain_engine_start(struct plain_engine *engine, struct http_transfer *transfer,
                       struct err *err);
void plain_engine_stop(struct plain_engine *engine, struct http_transfer *transfer);
int plain_engine_step(struct plain_engine *engine, int wait_ms, struct err *err);

#endif
