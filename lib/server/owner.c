#include "server/owner.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/dir.h"
#include "base/mem.h"
#include "base/visible.h"

enum { LISTENS = 0x0a }; /* TCP_LISTEN of the kernel */

static void close_file(FILE **file)
{
    if (*file)
        fclose(*file);
}

/* proc(5), /proc/net/tcp: "sl local_address rem_address st ... uid timeout inode". Returns 0 when
 * nobody listens. */
static unsigned long inode_in(const char *path, int port)
{
    char line[512];
    AUTO(close_file) FILE *file = fopen(path, "re");
    while (file && fgets(line, sizeof(line), file)) {
        unsigned local = 0, state = 0;
        unsigned long inode = 0;
        int got =
            sscanf(line, " %*u: %*[0-9A-Fa-f]:%x %*[0-9A-Fa-f]:%*x %x %*s %*s %*s %*u %*u %lu",
                   &local, &state, &inode);
        if (got == 3 && state == LISTENS && local == (unsigned)port)
            return inode;
    }
    return 0;
}

static bool has_socket(const char *pid, const char *socket)
{
    AUTO_FREE char *path = mem_printf("/proc/%s/fd", pid);
    AUTO(dir_close_at) DIR *dir = opendir(path);
    const struct dirent *entry;
    while (dir && (entry = readdir(dir))) {
        char target[64];
        ssize_t len = readlinkat(dirfd(dir), entry->d_name, target, sizeof(target) - 1);
        target[len > 0 ? len : 0] = '\0';
        if (strcmp(target, socket) == 0)
            return true;
    }
    return false;
}

static char *describe(const char *pid)
{
    char name[64] = "";
    AUTO(buf_release) struct buf shown = BUF_INIT(256);
    AUTO_FREE char *path = mem_printf("/proc/%s/comm", pid);
    AUTO(close_file) FILE *file = fopen(path, "re");
    if (!file || !fgets(name, sizeof(name), file))
        return mem_printf("process %s", pid);
    name[strcspn(name, "\n")] = '\0';
    visible_add(&shown, name, false);
    return mem_printf("%s, process %s", buf_text(&shown), pid);
}

char *owner_of_port(int port)
{
    unsigned long inode = inode_in("/proc/net/tcp", port);
    if (!inode)
        inode = inode_in("/proc/net/tcp6", port);
    AUTO_FREE char *socket = mem_printf("socket:[%lu]", inode);
    AUTO(dir_close_at) DIR *dir = inode ? opendir("/proc") : NULL;
    const struct dirent *entry;
    while (dir && (entry = readdir(dir)))
        if (strspn(entry->d_name, "0123456789") == strlen(entry->d_name) &&
            has_socket(entry->d_name, socket))
            return describe(entry->d_name);
    return NULL;
}
