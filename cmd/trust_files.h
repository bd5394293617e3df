/* Where certificates are looked for, as the environment has it. */
#ifndef WASME_CMD_TRUST_FILES_H
#define WASME_CMD_TRUST_FILES_H

#include "http/trust.h"

/* `ca_file`, which is lent, and what SSL_CERT_FILE, SSL_CERT_DIR, HOME and the system add to it.
 * What is found lives as long as the process. */
struct trust_sources trust_files_find(const char *ca_file);

#endif
