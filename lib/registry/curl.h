/* HTTP and URLs by libcurl, which only curl.c knows. It is loaded when first needed. */
#ifndef WASME_REGISTRY_CURL_H
#define WASME_REGISTRY_CURL_H

#include "registry/http.h"

struct curl_engine;

/* ERR_NOT_FOUND when libcurl is not there. The settings are lent. */
int curl_engine_open(const struct http_settings *settings, struct curl_engine **out,
                     struct err *err);
void curl_engine_close(struct curl_engine *engine);
bool curl_engine_busy(const struct curl_engine *engine); /* has it an exchange that runs? */
/* As http_start() and its kin. */
int curl_engine_start(struct curl_engine *engine, struct http_transfer *transfer, struct err *err);
void curl_engine_stop(struct curl_engine *engine, struct http_transfer *transfer);
int curl_engine_step(struct curl_engine *engine, int wait_ms, struct err *err);

/* As url_join() and url_origin() in url.h. */
int curl_url_join(const char *base, const char *location, char **out, struct err *err);
int curl_url_origin(const char *url, char **out, struct err *err);

#endif
