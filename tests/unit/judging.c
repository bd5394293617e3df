#include "judging.h"

#include <sys/mman.h>
#include <unistd.h>

#include "base/buf.h"
#include "unit.h"
#include "wasm_builder.h"

void judge_items(const char *host, const char *items, struct host_verdict *out)
{
    AUTO(err_release) struct err err = ERR_INIT;
    AUTO(module_release) struct module module = {0};
    AUTO_CLOSE int fd = memfd_create("module", MFD_CLOEXEC);
    struct host_choice choice;
    size_t len = 0;
    AUTO_FREE uint8_t *bytes = build_wasm(items, &len);
    assert_true(fd >= 0 && write(fd, bytes, len) == (ssize_t)len);
    assert_ok(module_read(fd, items, &module, &err), &err);
    assert_ok(host_parse(host, &choice, &err), &err);
    assert_ok(host_judge(&choice, fd, &module, NULL, out, &err), &err);
    assert_int_equal(out->answer == HOST_LOADS, out->because == NULL);
    assert_true(out->answer != HOST_LOADS || (!out->quote && !out->next));
    assert_true(out->answer == HOST_LOADS || out->next);
}

/* All texts of a verdict, with line ends between them. */
static char *all_texts(const struct host_verdict *verdict)
{
    struct buf out = BUF_INIT(64 * 1024);
    buf_printf(&out, "%s\n%s\n%s\n", verdict->because ? verdict->because : "",
               verdict->quote ? verdict->quote : "", verdict->next ? verdict->next : "");
    for (size_t i = 0; i < verdict->note_count; i++)
        buf_printf(&out, "note: %s\n", verdict->notes[i]);
    return buf_steal(&out);
}

static bool check_judging(const struct judging *one)
{
    AUTO(host_verdict_release) struct host_verdict verdict = {0};
    judge_items(one->host, one->items, &verdict);
    AUTO_FREE char *texts = all_texts(&verdict);
    bool right = verdict.answer == one->answer;
    bool silent = one->says[0] && strcmp(one->says[0], "-") == 0;
    if (silent)
        right = right && verdict.note_count == 0;
    for (size_t i = silent; i < COUNT(one->says) && one->says[i]; i++)
        right = right && strstr(texts, one->says[i]);
    if (!right)
        print_message("%s: %s\n  answer %d, wanted %d\n%s", one->host, one->items,
                      (int)verdict.answer, (int)one->answer, texts);
    return right;
}

void check_judgings(const struct judging *cases, size_t count)
{
    size_t wrong = 0;
    for (size_t i = 0; i < count; i++)
        wrong += !check_judging(&cases[i]);
    if (wrong)
        fail_msg("%zu of %zu cases", wrong, count);
}
