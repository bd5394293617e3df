#ifndef WASME_REGISTRY_CURL_SONAME_H
#define WASME_REGISTRY_CURL_SONAME_H

#define CURL_SONAME "libcurl.so.4"

#endif
