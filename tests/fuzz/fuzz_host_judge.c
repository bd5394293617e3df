/* Any module before each host in its oldest and its newest version: one verdict, with its texts. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/mem.h"
#include "module/host/host.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { WORDS_MAX = 64 * 1024, NOTES_MAX = 100 };

static void check_text(const char *text)
{
    if (text && (strlen(text) > WORDS_MAX || !*text))
        abort();
}

static void judge(const struct host_choice *choice, int fd, const struct module *module)
{
    AUTO(host_verdict_release) struct host_verdict verdict = {0};
    if (host_judge(choice, fd, module, NULL, &verdict, ERR_IGNORED) != 0)
        abort();
    bool loads = verdict.answer == HOST_LOADS;
    if (loads != !verdict.because || loads != !verdict.next || (loads && verdict.quote))
        abort();
    if (verdict.note_count > NOTES_MAX)
        abort();
    check_text(verdict.because);
    check_text(verdict.quote);
    check_text(verdict.next);
    for (size_t i = 0; i < verdict.note_count; i++)
        check_text(verdict.notes[i]);
}

static void judge_all(int fd, const struct module *module)
{
    for (size_t i = 0; host_listed(i); i++) {
        struct host_choice newest, oldest;
        if (host_parse(host_listed(i), &newest, ERR_IGNORED) != 0)
            abort();
        AUTO_FREE char *text = mem_printf("%s:%s", host_listed(i), host_version_at(&newest, 0));
        if (host_parse(text, &oldest, ERR_IGNORED) != 0)
            abort();
        judge(&newest, fd, module);
        judge(&oldest, fd, module);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO(module_release) struct module module = {0};
    static int fd = -1;
    if (fd < 0)
        fd = memfd_create("module", MFD_CLOEXEC);
    if (ftruncate(fd, 0) != 0 || pwrite(fd, data, size, 0) != (ssize_t)size)
        abort();
    if (module_read(fd, "fuzz", &module, ERR_IGNORED) == 0)
        judge_all(fd, &module);
    return 0;
}
