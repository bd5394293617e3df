#include "cmd/diff_print.h"

#include "base/json_write.h"
#include "base/mem.h"
#include "cmd/json_print.h"

enum { JSON_MAX = 256 * 1024 * 1024 };

static void put_size(struct buf *out, long long before, long long after)
{
    json_key(out, "before");
    json_put_int(out, before);
    json_key(out, "after");
    json_put_int(out, after);
    json_key(out, "growth");
    json_put_int(out, after - before);
}

static void put_subject(struct buf *out, const char *key, const struct inspected *in)
{
    json_key(out, key);
    json_begin_object(out);
    json_put_pair_if(out, "reference", in->reference);
    json_put_pair(out, "file", in->path);
    json_put_pair_if(out, "manifestDigest", in->manifest.text);
    json_put_pair(out, "fileDigest", in->file.text);
    json_end_object(out);
}

static void put_texts(struct buf *out, const char *key, const struct fact *fact)
{
    json_key(out, key);
    json_begin_array(out);
    for (size_t i = 0; i < fact->count; i++)
        json_put_text(out, fact->items[i]);
    json_end_array(out);
}

static void put_facts(struct buf *out, const struct diff *diff)
{
    json_key(out, "facts");
    json_begin_object(out);
    for (unsigned i = 0; i < FACT_COUNT; i++) {
        if (!diff_fact_differs(diff, (enum fact_kind)i))
            continue;
        json_key(out, fact_key((enum fact_kind)i));
        json_begin_object(out);
        put_texts(out, "before", &diff->facts_before.of[i]);
        put_texts(out, "after", &diff->facts_after.of[i]);
        json_end_object(out);
    }
    json_end_object(out);
}

static void put_changes(struct buf *out, const char *key, const struct differences *list,
                        enum change change, bool exports)
{
    json_key(out, key);
    json_begin_array(out);
    for (size_t i = 0; i < list->count; i++) {
        const struct difference *one = &list->items[i];
        if (one->change != change)
            continue;
        json_begin_object(out);
        json_put_pair_if(out, "module", one->module);
        json_put_pair(out, "name", one->name);
        json_put_pair(out, "kind", one->kind);
        json_put_pair_if(out, change == CHANGE_TYPE ? "before" : "type", one->before);
        json_put_pair_if(out, change == CHANGE_TYPE ? "after" : "type", one->after);
        if (exports) {
            json_key(out, "callback");
            json_put_bool(out, one->callback);
        }
        json_end_object(out);
    }
    json_end_array(out);
}

static void put_differences(struct buf *out, const char *key, const struct differences *list,
                            bool exports)
{
    json_key(out, key);
    json_begin_object(out);
    put_changes(out, "added", list, CHANGE_ADDED, exports);
    put_changes(out, "removed", list, CHANGE_REMOVED, exports);
    put_changes(out, "changed", list, CHANGE_TYPE, exports);
    json_end_object(out);
}

static void put_sections(struct buf *out, const struct diff *diff)
{
    json_key(out, "sections");
    json_begin_array(out);
    for (size_t i = 0; i < diff->section_count; i++) {
        const struct section_change *section = &diff->sections[i];
        json_begin_object(out);
        json_put_pair(out, "section", module_section_name(section->id));
        json_put_pair_if(out, "name", section->name);
        put_size(out, section->before, section->after);
        json_end_object(out);
    }
    json_end_array(out);
}

int diff_print_json(const struct diff *diff, struct err *err)
{
    AUTO(buf_release) struct buf out = BUF_INIT(JSON_MAX);
    json_begin_object(&out);
    put_subject(&out, "before", diff->before);
    put_subject(&out, "after", diff->after);
    json_key(&out, "same");
    json_put_bool(&out, diff_is_empty(diff));
    json_key(&out, "size");
    json_begin_object(&out);
    put_size(&out, diff->before->size, diff->after->size);
    json_end_object(&out);
    put_facts(&out, diff);
    put_differences(&out, "imports", &diff->imports, false);
    put_differences(&out, "exports", &diff->exports, true);
    put_sections(&out, diff);
    json_end_object(&out);
    return json_print(&out, "diff", err);
}
