/*
 * What a function may call when nothing goes wrong. Compilers write `unreachable` behind a call
 * that never comes back: the report of a failure. Such calls are left out, as a trap that may
 * happen is.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "module/code.h"
#include "module/host/trial.h"

/* Functions that are found and not yet read, each at most once. */
struct search {
    struct trial_calls *calls;
    uint32_t *queue;
    size_t count;
};

static void search_release(struct search *search)
{
    free(search->queue);
}

void trial_calls_release(struct trial_calls *calls)
{
    free(calls->set);
    *calls = (struct trial_calls){0};
}

static void add(struct search *search, uint32_t func)
{
    if (search->calls->set[func])
        return;
    search->calls->set[func] = true;
    search->queue[search->count++] = func;
}

static bool is_call(uint16_t op)
{
    return op == OP_CALL || op == OP_RETURN_CALL;
}

static bool is_indirect(uint16_t op)
{
    return op == OP_CALL_INDIRECT || op == OP_RETURN_CALL_INDIRECT || op == OP_CALL_REF ||
           op == OP_RETURN_CALL_REF;
}

static void read_body(struct search *search, struct code *code, size_t body)
{
    struct insn insn, last = {.op = OP_END};
    uint32_t count;
    struct value_type type;
    code_begin(code, body);
    while (code_locals(code, &count, &type))
        ;
    while (code_next(code, &insn)) {
        if (insn.op == OP_DROP) /* of a result */
            continue;
        if (is_call(last.op) && insn.op != OP_UNREACHABLE)
            add(search, last.a);
        if (is_indirect(last.op) && insn.op != OP_UNREACHABLE)
            search->calls->indirect = true;
        last = insn;
    }
}

int trial_find_calls(const struct trial *trial, uint32_t func, struct trial_calls *out,
                     struct err *err)
{
    const struct module *module = trial->module;
    AUTO(reader_release) struct reader reader;
    AUTO(code_release) struct code code;
    reader_init_fd(&reader, trial->fd, "the module", err);
    code_init(&code, &reader, module);
    out->set = mem_zero(module->func_count, sizeof(*out->set));
    AUTO(search_release)
    struct search search = {out, mem_zero(module->func_count, sizeof(*search.queue)), 0};
    add(&search, func);
    for (size_t i = 0; i < search.count && !reader_failed(&reader); i++) {
        if (search.queue[i] >= module->imported_funcs)
            read_body(&search, &code, search.queue[i] - module->imported_funcs);
    }
    return reader.rc;
}
