#include "server/body.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"

struct body *body_of_file(int fd, const struct file_facts *facts)
{
    struct body *body = mem_zero(1, sizeof(*body));
    *body = (struct body){.users = 1, .file = fd, .facts = *facts};
    return body;
}

struct body *body_of_page(struct buf *page)
{
    struct body *body = mem_zero(1, sizeof(*body));
    *body = (struct body){.users = 1, .file = -1, .page = *page};
    buf_init(page, page->max);
    return body;
}

struct body *body_share(struct body *body)
{
    body->users++;
    return body;
}

void body_drop(struct body *body)
{
    if (!body || --body->users > 0)
        return;
    if (body->file >= 0)
        close(body->file);
    buf_release(&body->page);
    free(body);
}
