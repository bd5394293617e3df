#ifndef WASME_HTTP_CURL_SONAME_H
#define WASME_HTTP_CURL_SONAME_H

#define CURL_SONAME "libcurl.so.4"

#endif
