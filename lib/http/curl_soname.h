#ifndef WASME_HTTP_CURL_SONAME_H
#define WASME_HTTP_CURL_SONAME_H

/* The name by which the loader finds libcurl. */
#define CURL_SONAME "libcurl.so.4"

#endif
