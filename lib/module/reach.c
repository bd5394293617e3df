#include "module/reach.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "module/code.h"

#define NO_FUNC UINT32_MAX
#define AHEAD 4096 /* bodies are read here and there */

/* How a function ends, as far as its instructions say that for certain. */
enum ending {
    ENDING_UNKNOWN, /* not looked at */
    ENDING_OPEN,    /* being looked at */
    ENDING_RETURNS,
    ENDING_UNTOLD, /* there is a branch */
    ENDING_TRAPS,
    ENDING_NEVER, /* calls without end */
};

/* A function whose calls are followed: those of `calls` from `next` on. */
struct frame {
    uint32_t func;
    size_t first, next, last;
    enum ending ending; /* behind the last of the calls */
};

struct search {
    const struct module *module;
    struct module_reach *out;
    struct code *code;
    uint32_t *queue; /* functions to look into, each once */
    size_t queued;
    uint8_t *endings; /* enum ending, by function */
    struct frame *frames;
    size_t depth;
    uint32_t *calls; /* of all frames */
    size_t call_count;
    uint32_t exit; /* the function that never returns: proc_exit of WASI; or NO_FUNC */
};

static void search_release(struct search *search)
{
    free(search->queue);
    free(search->endings);
    free(search->frames);
    free(search->calls);
}

void module_reach_release(struct module_reach *reach)
{
    free(reach->may);
    free(reach->must);
    *reach = (struct module_reach){0};
}

static bool defined(const struct module *module, uint32_t func)
{
    return func >= module->imported_funcs && func < module->func_count;
}

/* Goes to the first instruction of a function that the module defines. */
static void open_body(struct code *code, uint32_t func)
{
    uint32_t count;
    struct value_type type;
    code_begin(code, func - code->module->imported_funcs);
    while (code_locals(code, &count, &type))
        ;
}

static bool is_direct(const struct insn *insn)
{
    return insn->op == OP_CALL || insn->op == OP_RETURN_CALL;
}

static bool is_indirect(const struct insn *insn)
{
    switch (insn->op) {
    case OP_CALL_INDIRECT:
    case OP_RETURN_CALL_INDIRECT:
    case OP_CALL_REF:
    case OP_RETURN_CALL_REF:
    case OP_RESUME:
    case OP_RESUME_THROW:
    case OP_SWITCH:
        return true;
    default:
        return false;
    }
}

static void find_may(struct search *search, uint32_t func)
{
    struct insn insn;
    bool *may = search->out->may;
    search->queue[search->queued++] = func;
    for (size_t at = 0; at < search->queued; at++) {
        open_body(search->code, search->queue[at]);
        while (code_next(search->code, &insn)) {
            search->out->indirect |= is_indirect(&insn);
            if (!is_direct(&insn) || may[insn.a])
                continue;
            may[insn.a] = true;
            if (defined(search->module, insn.a) && insn.a != func)
                search->queue[search->queued++] = insn.a;
        }
    }
}

/* Does the instruction go elsewhere, or may it? */
static bool branches(const struct insn *insn)
{
    switch (insn->immediate) {
    case IMM_LABEL:
    case IMM_BR_TABLE:
    case IMM_CAST_BRANCH:
    case IMM_ELSE:
    case IMM_CATCH:
    case IMM_CATCH_ALL:
    case IMM_DELEGATE:
    case IMM_RESUME:
    case IMM_RESUME_THROW:
        return true;
    default:
        return insn->op == OP_IF || insn->op == OP_THROW || insn->op == OP_THROW_REF ||
               insn->op == OP_SUSPEND || insn->op == OP_SWITCH || insn->op == OP_TRY_TABLE ||
               insn->op == OP_TRY;
    }
}

static bool add_call(struct search *search, uint32_t func)
{
    if (search->call_count >= REACH_MAX_CALLS)
        return false;
    search->calls = mem_grow(search->calls, search->call_count, sizeof(*search->calls));
    search->calls[search->call_count++] = func;
    return true;
}

/* Notes the calls before the first branch. A call through a table may never come back. */
static enum ending collect_calls(struct search *search, uint32_t func)
{
    struct insn insn;
    open_body(search->code, func);
    while (code_next(search->code, &insn)) {
        if (insn.op == OP_UNREACHABLE)
            return ENDING_TRAPS;
        if (is_direct(&insn) && !add_call(search, insn.a))
            return ENDING_UNTOLD;
        if (insn.op == OP_RETURN || insn.op == OP_RETURN_CALL)
            return ENDING_RETURNS;
        if (branches(&insn) || is_indirect(&insn))
            return ENDING_UNTOLD;
    }
    return ENDING_RETURNS;
}

static void enter(struct search *search, uint32_t func)
{
    search->frames = mem_grow(search->frames, search->depth, sizeof(*search->frames));
    struct frame *frame = &search->frames[search->depth++];
    *frame = (struct frame){.func = func, .first = search->call_count};
    frame->next = frame->first;
    search->endings[func] = ENDING_OPEN;
    frame->ending = collect_calls(search, func);
    frame->last = search->call_count;
}

/* The next call of a frame has been seen to end in that way. */
static void leave(struct search *search, enum ending ending)
{
    const struct frame *frame = &search->frames[--search->depth];
    search->endings[frame->func] = (uint8_t)ending;
    search->call_count = frame->first;
}

static void step(struct search *search)
{
    struct frame *frame = &search->frames[search->depth - 1];
    if (frame->next == frame->last) {
        leave(search, frame->ending);
        return;
    }
    uint32_t func = search->calls[frame->next];
    search->out->must[func] = true;
    if (func == search->exit) {
        leave(search, ENDING_UNTOLD);
        return;
    }
    if (!defined(search->module, func)) {
        frame->next++;
        return;
    }
    switch ((enum ending)search->endings[func]) {
    case ENDING_UNKNOWN:
        enter(search, func); /* `next` stays: how it ends is looked at then */
        break;
    case ENDING_RETURNS:
        frame->next++;
        break;
    case ENDING_OPEN: /* it waits for this very call */
    case ENDING_NEVER:
        leave(search, ENDING_NEVER);
        break;
    case ENDING_TRAPS:
    case ENDING_UNTOLD:
        leave(search, (enum ending)search->endings[func]);
        break;
    }
}

static uint32_t find_exit(const struct module *module)
{
    for (size_t i = 0; i < module->import_count; i++) {
        const struct module_import *import = &module->imports[i];
        if (import->kind == EXTERN_FUNC && strcmp(import->name, "proc_exit") == 0)
            return import->index;
    }
    return NO_FUNC;
}

static void find_must(struct search *search, uint32_t func)
{
    search->exit = find_exit(search->module);
    enter(search, func);
    while (search->depth && !reader_failed(search->code->reader))
        step(search);
    search->out->traps = search->endings[func] == ENDING_TRAPS;
    search->out->endless = search->endings[func] == ENDING_NEVER;
}

static void find_constant(struct code *code, uint32_t func, struct module_reach *out)
{
    struct insn insn;
    open_body(code, func);
    if (!code_next(code, &insn) || (insn.op != OP_I32_CONST && insn.op != OP_I64_CONST))
        return;
    int64_t value = (int64_t)insn.value;
    out->constant = code_next(code, &insn) && insn.op == OP_END;
    out->value = out->constant ? value : 0;
}

int module_reach_find(int fd, const struct module *module, uint32_t func, struct module_reach *out,
                      struct err *err)
{
    AUTO(reader_release) struct reader reader;
    reader_init_fd(&reader, fd, "the module", err);
    reader.ahead = AHEAD;
    size_t count = module->func_count;
    AUTO(module_reach_release)
    struct module_reach reach = {.may = mem_zero(count, sizeof(*reach.may)),
                                 .must = mem_zero(count, sizeof(*reach.must))};
    AUTO(code_release) struct code code = {0};
    code_init(&code, &reader, module);
    AUTO(search_release) struct search search = {.module = module, .out = &reach, .code = &code};
    search.queue = mem_zero(count, sizeof(*search.queue));
    search.endings = mem_zero(count, sizeof(*search.endings));
    if (defined(module, func)) {
        find_may(&search, func);
        find_must(&search, func);
        find_constant(&code, func, &reach);
    }
    if (reader_failed(&reader))
        return reader.rc;
    *out = reach;
    reach = (struct module_reach){0};
    return 0;
}
