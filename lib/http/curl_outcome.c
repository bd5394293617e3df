#include "http/curl_outcome.h"

#include <curl/curl.h>
#include <string.h>

#include "base/mem.h"

/* The words of TLS libraries for first bytes that are not TLS. */
static bool shows_plain_http(const char *reason)
{
    static const char *const signs[] = {"wrong version number", "packet length too long",
                                        "http request", "unexpected TLS packet",
                                        "record layer failure"};
    for (size_t i = 0; i < COUNT(signs); i++)
        if (strstr(reason, signs[i]))
            return true;
    return false;
}

/* Did the connection end before the TLS handshake was complete? */
static bool shows_broken_line(const char *reason)
{
    return strstr(reason, "reset by peer") || strstr(reason, "SSL_ERROR_SYSCALL") ||
           strstr(reason, "unexpected eof");
}

enum http_outcome curl_outcome(int code, const char *reason)
{
    switch (code) {
    case CURLE_OK:
        return HTTP_DONE;
    case CURLE_WRITE_ERROR:
    case CURLE_ABORTED_BY_CALLBACK:
        return HTTP_CUT;
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_CONNECT:
    case CURLE_OPERATION_TIMEDOUT: /* the only timeout that is set is for connecting */
        return HTTP_NO_CONNECTION;
    case CURLE_PEER_FAILED_VERIFICATION:
        return HTTP_BAD_CERTIFICATE;
    case CURLE_SSL_CONNECT_ERROR:
        if (shows_plain_http(reason))
            return HTTP_NOT_TLS;
        return shows_broken_line(reason) ? HTTP_BROKEN : HTTP_FAILED;
    case CURLE_UNSUPPORTED_PROTOCOL: /* "Received HTTP/0.9" */
    case CURLE_WEIRD_SERVER_REPLY:
        return HTTP_NOT_HTTP;
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
    case CURLE_GOT_NOTHING:
    case CURLE_PARTIAL_FILE:
    case CURLE_SEND_FAIL_REWIND:
    case CURLE_HTTP2:
    case CURLE_HTTP2_STREAM:
        return HTTP_BROKEN;
    default:
        return HTTP_FAILED;
    }
}
