/* The places of certificates, as the environment names them. */
#ifndef WASME_CMD_TRUST_FILES_H
#define WASME_CMD_TRUST_FILES_H

#include "http/trust.h"

/* The places: `ca_file`, which is lent, and those of SSL_CERT_FILE, SSL_CERT_DIR, HOME and the
 * system. The result lives as long as the process. */
struct trust_sources trust_files_find(const char *ca_file);

#endif
