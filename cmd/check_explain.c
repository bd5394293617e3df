#include "cmd/check_explain.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json_write.h"
#include "base/mem.h"
#include "cmd/json_print.h"
#include "cmd/table.h"
#include "module/host/host.h"

enum { TEXT_MAX = 64 * 1024, JSON_MAX = 1024 * 1024 };

/* --- The parts, as texts --- */

static char *marker_words(const struct host_choice *host)
{
    struct buf out = BUF_INIT(TEXT_MAX);
    const char *marker, *abi;
    for (size_t i = 0; host_marker_at(host, i, &marker, &abi); i++)
        buf_printf(&out, "%s%s (%s)", i ? ", " : "", abi, marker);
    if (!out.len)
        buf_add_text(&out, "none is needed");
    return buf_steal(&out);
}

static void add_part(struct buf *out, const char *part)
{
    if (part && *part)
        buf_printf(out, "%s%s", out->len ? "; " : "", part);
}

/* --- For people --- */

static void print_table(const struct host_choice *host, const char *title,
                        bool (*at)(const struct host_choice *, size_t, struct host_row *))
{
    struct table table AUTO(table_release);
    struct host_row row;
    table_init(&table, 3);
    table_add(&table, title);
    table_add(&table, "TYPE");
    table_add(&table, "NOTES");
    for (size_t i = 0; at(host, i, &row); i++) {
        AUTO_FREE char *name =
            row.module ? mem_printf("%s.%s", row.module, row.name) : mem_dup(row.name);
        AUTO_FREE char *type = signature_words(row.signature);
        struct buf notes AUTO(buf_release) = BUF_INIT(TEXT_MAX);
        add_part(&notes, row.abis);
        add_part(&notes, row.state);
        add_part(&notes, row.note);
        table_add(&table, name);
        table_add(&table, type);
        table_add(&table, buf_text(&notes));
    }
    putchar('\n');
    table_print(&table, stdout);
}

static void print_list(const struct host_choice *host, const char *title,
                       const char *(*at)(const struct host_choice *, size_t))
{
    printf("\n%s:\n", title);
    for (size_t i = 0; at(host, i); i++)
        printf("  %s\n", at(host, i));
}

static void print_line(const char *name, const char *text)
{
    if (text && *text)
        printf("%-12s %s\n", name, text);
}

/* "not certain: exceptions (why)" */
static void print_unsure(const struct host_choice *host)
{
    AUTO_FREE char *names = features_words(host_unsure_features(host) & ~host_features(host));
    if (!*names)
        return;
    AUTO_FREE char *line = mem_printf("%s (%s)", names, host_unsure_words(host));
    print_line("not certain:", line);
}

static void print_host(const struct host_choice *host)
{
    AUTO_FREE char *markers = marker_words(host);
    AUTO_FREE char *features = features_words(host_features(host));
    printf("%s %s\n", host_title(host), host_version_name(host));
    print_line("engine:", host_engine(host));
    print_line("ABI:", markers);
    print_line("WebAssembly:", features);
    print_unsure(host);
    print_line("note:", host_note(host));
    print_list(host, "Rules", host_fact_at);
    print_table(host, "FUNCTION", host_function_at);
    print_table(host, "CALLBACK", host_callback_at);
    print_list(host, "Versions", host_version_at);
    print_list(host, "Sources", host_source_at);
}

/* --- JSON --- */

static void put_list(struct buf *out, const char *key, const struct host_choice *host,
                     const char *(*at)(const struct host_choice *, size_t))
{
    json_key(out, key);
    json_begin_array(out);
    for (size_t i = 0; at(host, i); i++)
        json_put_text(out, at(host, i));
    json_end_array(out);
}

static void put_table(struct buf *out, const char *key, const struct host_choice *host,
                      bool (*at)(const struct host_choice *, size_t, struct host_row *))
{
    struct host_row row;
    json_key(out, key);
    json_begin_array(out);
    for (size_t i = 0; at(host, i, &row); i++) {
        AUTO_FREE char *type = signature_words(row.signature);
        json_begin_object(out);
        json_put_pair_if(out, "module", row.module);
        json_put_pair(out, "name", row.name);
        json_put_pair(out, "type", type);
        json_put_pair_if(out, "abi", row.abis);
        json_put_pair_if(out, "state", row.state);
        json_put_pair_if(out, "note", row.note);
        json_end_object(out);
    }
    json_end_array(out);
}

static void put_markers(struct buf *out, const struct host_choice *host)
{
    const char *marker, *abi;
    json_key(out, "markers");
    json_begin_array(out);
    for (size_t i = 0; host_marker_at(host, i, &marker, &abi); i++) {
        json_begin_object(out);
        json_put_pair(out, "export", marker);
        json_put_pair(out, "abi", abi);
        json_end_object(out);
    }
    json_end_array(out);
}

static void put_features(struct buf *out, const char *key, uint32_t features)
{
    json_key(out, key);
    json_begin_array(out);
    for (size_t i = 0; i < FEATURE_COUNT; i++)
        if (features >> i & 1)
            json_put_text(out, feature_name((enum feature)i));
    json_end_array(out);
}

static void put_host(struct buf *out, const struct host_choice *host)
{
    json_begin_object(out);
    json_put_pair(out, "host", host_name(host));
    json_put_pair(out, "version", host_version_name(host));
    json_put_pair_if(out, "engine", host_engine(host));
    json_put_pair_if(out, "note", host_note(host));
    put_markers(out, host);
    put_features(out, "features", host_features(host));
    put_features(out, "unsureFeatures", host_unsure_features(host) & ~host_features(host));
    json_put_pair_if(out, "unsureBecause", host_unsure_words(host));
    put_list(out, "rules", host, host_fact_at);
    put_table(out, "functions", host, host_function_at);
    put_table(out, "callbacks", host, host_callback_at);
    put_list(out, "versions", host, host_version_at);
    put_list(out, "sources", host, host_source_at);
    json_end_object(out);
}

int explain_host(const struct cli *cli, const char *text, bool json, struct err *err)
{
    struct host_choice host;
    AUTO(buf_release) struct buf out = BUF_INIT(JSON_MAX);
    if (cli->arg_count)
        return err_set(err, ERR_USAGE, "check: --explain is about a host alone, without \"%.80s\"",
                       cli->args[0]);
    int rc = host_parse(text, &host, err);
    if (rc)
        return err_wrap(err, "check: --explain \"%.100s\"", text);
    if (!json) {
        print_host(&host);
        return 0;
    }
    put_host(&out, &host);
    return json_print(&out, "check", err);
}
