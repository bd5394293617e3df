#include "tests/unit/kept_server.h"

#include <fcntl.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"

char kept_file_name[] = "/tmp/test_server_kept.XXXXXX";

int kept_handle(void *arg, const struct server_request *request, struct server_reply *reply,
                struct err *err)
{
    int rc = fixture_handle(arg, request, reply, err);
    reply->keep = true;
    reply->keep_accept = request->query && strcmp(request->query, "accept") == 0;
    if (request->path && strcmp(request->path, "/named") == 0) {
        struct stat info;
        AUTO_FREE char *name = mem_dup(kept_file_name);
        reply->kind = REPLY_FILE;
        reply->fd = open(name, O_RDONLY | O_CLOEXEC);
        assert_int_equal(fstat(reply->fd, &info), 0);
        reply->size = info.st_size;
        reply->facts = file_facts_of(&info);
        reply->keep_folder = AT_FDCWD;
        reply->keep_path = STEAL(name);
    }
    reply->keep_host = request->query && strcmp(request->query, "host") == 0;
    return rc;
}

static void change(void *arg)
{
    struct fixture *fixture = arg;
    eventfd_t ignored;
    eventfd_read(fixture->watch.fd, &ignored);
    server_changed(fixture->server);
    pthread_mutex_lock(&fixture->lock);
    fixture->event++;
    pthread_cond_broadcast(&fixture->logged);
    pthread_mutex_unlock(&fixture->lock);
}

struct fixture *kept_start_with(void **state, const struct server_options *options)
{
    struct fixture *fixture = *state;
    fixture->event = 0;
    clock_sleep_ms(SETTLE_MS);
    fixture_open_with(fixture, options);
    fixture->watch = (struct server_watch){eventfd(0, EFD_CLOEXEC), change, fixture};
    assert_int_equal(server_watch(fixture->server, &fixture->watch, ERR_IGNORED), 0);
    fixture_run(fixture);
    return fixture;
}

struct fixture *kept_start(void **state)
{
    struct server_options options = fixture_options(*state);
    options.handle = kept_handle;
    return kept_start_with(state, &options);
}

int kept_tear_down(void **state)
{
    struct fixture *fixture = *state;
    int fd = fixture->watch.fd;
    int rc = fixture_tear_down(state);
    close(fd);
    return rc;
}

int kept_asked(struct fixture *fixture)
{
    pthread_mutex_lock(&fixture->lock);
    int count = fixture->resolved;
    pthread_mutex_unlock(&fixture->lock);
    return count;
}
