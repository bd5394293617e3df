#include "toolchain/remedy.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "module/producers.h"
#include "toolchain/toolchain.h"

/* Whether the builder's compiler is among the producers. */
static bool is_maker(const struct builder *builder, const struct module_producers *producers)
{
    size_t len = builder->producer ? strlen(builder->producer) : 0;
    for (size_t i = 0; len && i < producers->count; i++) {
        const char *name = producers->items[i].name;
        const char *at = strstr(name, builder->producer);
        if (at && (at == name || at[-1] == ' ') && (at[len] == '\0' || at[len] == ' '))
            return true;
    }
    return false;
}

/* The order of the builders counts: TinyGo and Rust name clang, too, when they link C. */
const struct builder *remedy_find_builder(int fd, const struct module *module)
{
    AUTO(module_producers_release) struct module_producers producers = {0};
    if (module_producers_read(fd, module, &producers, ERR_IGNORED))
        return NULL;
    const struct builder *const *at = builders;
    while (*at && !is_maker(*at, &producers))
        at++;
    return *at;
}

static const struct builder_remedy *find_remedy(const struct builder *builder,
                                                enum host_reason reason)
{
    const struct builder_remedy *at = builder ? builder->remedies : NULL;
    while (at && at->words && at->reason != reason)
        at++;
    return at && at->words ? at : NULL;
}

static void add_note(struct host_verdict *verdict, char *note)
{
    verdict->notes = mem_resize(verdict->notes, verdict->note_count + 1, sizeof(*verdict->notes));
    verdict->notes[verdict->note_count++] = note;
}

void remedy_apply(const struct builder *builder, int fd, const struct module *module,
                  struct host_verdict *verdict)
{
    if (verdict->reason == HOST_REASON_OTHER)
        return;
    if (!builder || !builder->remedies)
        builder = remedy_find_builder(fd, module);
    const struct builder_remedy *remedy = find_remedy(builder, verdict->reason);
    if (!remedy)
        return;
    if (verdict->reason == HOST_REASON_NOT_STARTED) {
        add_note(verdict, mem_dup(remedy->words));
        return;
    }
    AUTO_FREE char *general = STEAL(verdict->next);
    verdict->next = remedy->also && general ? mem_printf("%s, or %s", general, remedy->words)
                                            : mem_dup(remedy->words);
}
