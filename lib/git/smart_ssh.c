#include "git/smart_ssh.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/process.h"
#include "base/stop.h"
#include "base/visible.h"

enum { TURN_MS = 250, WORDS_MAX = 400, TALK_MAX = 8 * 1024, ARGS_MAX = 12 };

struct smart_ssh {
    const struct git_options *options;
    const struct git_spec *at;
    struct process_child child;
    struct buf talk; /* the words of ssh and of the server */
    /* Where bytes of the server go: one of them at a time. */
    struct advert *advert;
    struct pack_reader *pack;
    int64_t moved_at;
    bool answered; /* before that, ssh may be waiting for somebody at the terminal */
    struct err err;
};

static bool take(void *arg, const void *data, size_t len)
{
    struct smart_ssh *smart = arg;
    smart->moved_at = clock_ms();
    smart->answered = true;
    int rc = 0;
    if (smart->advert)
        rc = advert_feed(smart->advert, data, len, &smart->err);
    else if (smart->pack)
        rc = pack_feed(smart->pack, data, len, &smart->err);
    return rc == 0;
}

/* The command for the server's shell: git-upload-pack 'PATH'. */
static char *remote_command(const char *path)
{
    AUTO(buf_release) struct buf out = BUF_INIT(8 * GIT_SPEC_MAX);
    buf_add_text(&out, "git-upload-pack '");
    for (; *path; path++) {
        if (*path == '\'' || *path == '!')
            buf_printf(&out, "'\\%c'", *path);
        else
            buf_add_char(&out, *path);
    }
    buf_add_char(&out, '\'');
    return buf_steal(&out);
}

static int start(struct smart_ssh *smart, const char *const *argv, struct err *err)
{
    const struct process process = {
        .argv = argv,
        .input_later = true,
        .own_group = !smart->options->terminal, /* else ssh could not ask there */
        .output = {take, smart},
        .talk = process_keep(&smart->talk),
        .interrupted = smart->options->interrupted,
    };
    int rc = process_start(&process, &smart->child, err);
    if (rc == ERR_NOT_FOUND)
        return err_set(err, rc, "%s is not in PATH: install it (openssh-client), or take https://",
                       argv[0]);
    return rc;
}

int smart_ssh_open(const struct git_options *options, const struct git_spec *at,
                   struct smart_ssh **out, struct err *err)
{
    AUTO(smart_ssh_close_at) struct smart_ssh *smart = mem_zero(1, sizeof(*smart));
    smart->options = options;
    smart->at = at;
    smart->child = (struct process_child)PROCESS_CHILD_INIT;
    buf_init(&smart->talk, TALK_MAX);
    smart->moved_at = clock_ms();
    size_t bare = strlen(at->host); /* an IPv6 address without its brackets */
    bool brackets = at->host[0] == '[';
    AUTO_FREE char *peer =
        mem_printf("%s%s%.*s", at->user ? at->user : "", at->user ? "@" : "",
                   (int)(brackets ? bare - 2 : bare), at->host + (brackets ? 1 : 0));
    AUTO_FREE char *command = remote_command(at->path);
    AUTO_FREE char *shell =
        options->ssh_command ? mem_printf("%s \"$@\"", options->ssh_command) : NULL;
    const char *argv[ARGS_MAX] = {NULL};
    size_t n = 0;
    if (shell) { /* the user's own words for a shell, as for git */
        argv[n++] = "/bin/sh";
        argv[n++] = "-c";
        argv[n++] = shell;
        argv[n++] = options->ssh_command;
    } else {
        argv[n++] = options->ssh_program ? options->ssh_program : "ssh";
        if (!options->terminal && !options->ssh_program)
            argv[n++] = "-oBatchMode=yes";
    }
    if (at->port) {
        argv[n++] = "-p";
        argv[n++] = at->port;
    }
    argv[n++] = peer;
    argv[n] = command;
    int rc = start(smart, argv, err);
    if (rc)
        return rc;
    *out = STEAL(smart);
    return 0;
}

/* The reason for the end of ssh, in its words, with the next step. */
static int explain(struct smart_ssh *smart, struct err *err)
{
    const char *host = smart->at->host;
    const char *talk = buf_text(&smart->talk);
    size_t len = smart->talk.len;
    while (len && strchr(" \r\n", talk[len - 1]))
        len--;
    AUTO(buf_release) struct buf words = BUF_INIT(2 * WORDS_MAX);
    visible_add_clean(&words, talk, len, WORDS_MAX);
    if (strstr(talk, "REMOTE HOST IDENTIFICATION HAS CHANGED"))
        return err_set(err, ERR_DENIED,
                       "the server shows another key than the one that is known for %s: somebody "
                       "may be in between; when the server has a new key, remove the old one "
                       "(ssh-keygen -R %s)",
                       host, host);
    if (strstr(talk, "Host key verification failed"))
        return err_set(err, ERR_DENIED,
                       "the key of %s is not known: compare its fingerprint and accept it once "
                       "(ssh %s), or add it to ~/.ssh/known_hosts (ssh-keyscan): %s",
                       host, host, buf_text(&words));
    if (strstr(talk, "Permission denied"))
        return err_set(err, ERR_DENIED,
                       "the server accepts none of the keys: see which ones the agent has "
                       "(ssh-add -l): %s",
                       buf_text(&words));
    return err_set(err, ERR_FAILED, "ssh ends with status %d: %s", smart->child.status,
                   words.len ? buf_text(&words) : "without a word");
}

/* Lets bytes move until `done` says so; false in *done at the end means that ssh has ended. */
static int run(struct smart_ssh *smart, const bool *done, struct err *err)
{
    long seconds = smart->options->stall_seconds;
    smart->moved_at = clock_ms();
    while (smart->child.running && !*done) {
        int rc = process_wait(&smart->child, TURN_MS, err);
        if (!rc)
            rc = stop_check(err);
        if (!rc && smart->err.code)
            return err_move(err, &smart->err);
        bool asking = smart->options->terminal && !smart->answered;
        if (!rc && !asking && clock_ms() - smart->moved_at > seconds * 1000)
            rc = err_set(err, ERR_FAILED, "the server has sent nothing for %ld second%s", seconds,
                         seconds == 1 ? "" : "s");
        if (rc)
            return rc;
    }
    return smart->err.code ? err_move(err, &smart->err) : 0;
}

int smart_ssh_list(struct smart_ssh *smart, struct advert *advert, struct err *err)
{
    smart->advert = advert;
    int rc = run(smart, &advert->complete, err);
    smart->advert = NULL;
    if (rc)
        return rc;
    return advert->complete ? advert_check(advert, err) : explain(smart, err);
}

int smart_ssh_fetch(struct smart_ssh *smart, const struct buf *request, struct pack_reader *pack,
                    struct err *err)
{
    smart->pack = pack;
    process_send(&smart->child, request->data, request->len, true);
    int rc = run(smart, &pack->complete, err);
    smart->pack = NULL;
    if (rc)
        return rc;
    return pack->complete ? pack_finish(pack, err) : explain(smart, err);
}

void smart_ssh_close_at(struct smart_ssh **smart)
{
    if (*smart) {
        process_stop(&(*smart)->child, SIGTERM, 1000);
        process_release(&(*smart)->child);
        buf_release(&(*smart)->talk);
        err_release(&(*smart)->err);
    }
    free(*smart);
    *smart = NULL;
}
