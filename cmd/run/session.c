#include "cmd/run/session.h"

#include <arpa/inet.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"
#include "cmd/log.h"
#include "cmd/run/bootstrap.h"
#include "cmd/run/ready.h"
#include "cmd/settings.h"

/* --- Its parts --- */

/* The rules of the version; those of the newest when the version is not known. */
static struct host_choice choose_host(const struct envoy_program *program)
{
    struct host_choice choice = {0};
    AUTO_FREE char *name = mem_printf("envoy:%s", program->version);
    if (host_parse(name, &choice, ERR_IGNORED) != 0)
        (void)host_parse("envoy", &choice, ERR_IGNORED);
    return choice;
}

static int make_folder(struct session *session, struct err *err)
{
    int rc = run_folder_make(settings_tmp(), &session->folder, err);
    if (rc)
        return rc;
    session->bootstrap = mem_printf("%s/envoy.json", session->folder.path);
    session->admin = mem_printf("%s/admin", session->folder.path);
    return 0;
}

/* Envoy itself would share a port with another process (SO_REUSEPORT). */
static int check_port(int port, struct err *err)
{
    const int on = 1;
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    AUTO_CLOSE int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (!port || fd < 0)
        return 0;
    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if (bind(fd, (const struct sockaddr *)&address, sizeof(address)) == 0)
        return 0;
    return err_errno(err, "--port %d: listen on 127.0.0.1:%d (without --port, a free one is taken)",
                     port, port);
}

void session_close(struct session *session)
{
    proxy_stop(&session->proxy);
    launch_release(&session->launch);
    upstream_stop_at(&session->upstream);
    chain_release(&session->chain);
    talk_release(&session->talk);
    run_folder_remove(&session->folder);
    free(session->bootstrap);
    free(session->admin);
}

int session_open(const struct session_wish *wish, int stop_fd, struct session *session,
                 struct err *err)
{
    session->wish = wish;
    session->port = wish->port;
    session->talk.level = wish->level;
    session->talk.keeps = wish->keeps_lines;
    int rc = check_port(session->port, err);
    if (!rc)
        rc = make_folder(session, err);
    const struct launch_wish launch = {.envoy = wish->envoy,
                                       .version = wish->version,
                                       .image = wish->image,
                                       .folder = session->folder.path};
    if (!rc)
        rc = launch_open(&launch, &session->launch, err);
    if (!rc)
        run_folder_sweep(&session->folder, wish->image ? launch_end_left : NULL, &session->launch);
    if (!rc && !wish->to)
        rc = upstream_start(&session->upstream, err);
    if (rc)
        return rc;
    session->host = choose_host(&session->launch.program);
    session->proxy_wish = (struct proxy_wish){.admin = session->admin,
                                              .talk = &session->talk,
                                              .stop_fd = stop_fd,
                                              .shared = wish->image != NULL};
    return 0;
}

/* --- Its start --- */

static int read_filters(struct session *session, struct err *err)
{
    struct chain_wish wish = session->wish->chain;
    wish.host = session->host;
    wish.folder = session->folder.path;
    wish.config_file = session->config_file;
    chain_release(&session->chain);
    int rc = chain_open(&wish, &session->chain, err);
    if (rc)
        return rc;
    const struct bootstrap_wish bootstrap = {
        .chain = &session->chain,
        .version = session->launch.program.line,
        .port = session->port,
        .to = session->wish->to,
        .upstream_port = session->upstream ? upstream_port(session->upstream) : 0,
        .clusters = session->wish->clusters,
        .ca_file = session->wish->ca_file,
        .folder = session->folder.path,
        .admin = session->admin,
    };
    return bootstrap_write(&bootstrap, session->bootstrap, err);
}

int session_ended(const struct session *session, struct err *err)
{
    int status = session->proxy.status;
    const char *version = session->launch.program.version;
    if (status > 128)
        return err_set(err, ERR_FAILED,
                       "Envoy %s was ended by signal %d (%s) while it ran the filter: see its last "
                       "words above; `wasme check --host envoy:%s` may say why",
                       version, status - 128, strsignal(status - 128), version);
    return err_set(err, ERR_FAILED, "Envoy %s ended with status %d: see its last words above",
                   version, status);
}

/* Names the reason in place of Envoy's end, which says nothing. */
static int explain(const struct session *session, int rc, struct err *err)
{
    const struct talk *talk = &session->talk;
    const char *version = session->launch.program.version;
    if (talk->lacks_v8)
        return err_set(err, ERR_FAILED,
                       "%s is Envoy %s without V8 (envoy.wasm.runtime.v8), which runs modules: "
                       "the filter is not to blame; get another Envoy: `" FIND_ADVICE "`",
                       session->launch.program.path, version);
    if (session->proxy.status > 128)
        return session_ended(session, err);
    if (!talk->fault)
        return err_wrap(err, "Envoy %s", version);
    return err_set(err, rc, "Envoy %s does not start: %.*s", version,
                   (int)strcspn(talk->fault, "\r\n"), talk->fault);
}

/* Lines at info are there for checks even when they are not shown. */
static enum envoy_level level_of(const struct session_wish *wish)
{
    return wish->keeps_lines && wish->level > ENVOY_INFO ? ENVOY_INFO : wish->level;
}

int session_start(struct session *session, struct err *err)
{
    proxy_stop(&session->proxy);
    launch_end(&session->launch);
    talk_forget(&session->talk);
    int rc = check_port(session->port, err);
    if (!rc)
        rc = read_filters(session, err);
    if (rc)
        return rc;
    (void)unlink(session->admin);
    session->proxy_wish.argv = launch_command(&session->launch, session->bootstrap,
                                              level_of(session->wish), session->wish->flags);
    rc = proxy_spawn(&session->proxy_wish, &session->proxy, err);
    if (rc)
        return rc;
    rc = ready_wait(&session->proxy, err);
    if (rc == ERR_FAILED)
        rc = explain(session, rc, err);
    if (rc)
        proxy_stop(&session->proxy);
    else
        session->port = session->proxy.port;
    return rc;
}
