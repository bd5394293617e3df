#include "cmd/doctor_report.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "base/json_write.h"
#include "base/mem.h"
#include "base/visible.h"
#include "cmd/json_print.h"
#include "cmd/log.h"

enum { JSON_MAX = 4 * 1024 * 1024, GREEN = 32, YELLOW = 33, RED = 31 };

static const struct {
    const char *mark;
    const char *name;
    int color;
} statuses[] = {
    [REPORT_OK] = {"ok", "ok", GREEN},         [REPORT_ABSENT] = {"-", "absent", 0},
    [REPORT_SKIPPED] = {"-", "skipped", 0},    [REPORT_WARNING] = {"warn", "warning", YELLOW},
    [REPORT_FAILED] = {"FAIL", "failed", RED},
};

void report_begin(struct report *report, bool json)
{
    *report = (struct report){
        .json = json,
        .color = isatty(STDOUT_FILENO) && log_wants_color(),
        .out = BUF_INIT(JSON_MAX),
    };
    json_begin_array(&report->out);
}

static void add_json(struct report *report, const struct finding *finding, const char *detail)
{
    json_begin_object(&report->out);
    json_put_pair(&report->out, "check", finding->check);
    json_put_pair(&report->out, "status", statuses[finding->status].name);
    json_put_pair(&report->out, "detail", detail);
    json_put_pair_if(&report->out, "fix", finding->fix);
    json_end_object(&report->out);
}

static void print_line(const struct report *report, const struct finding *finding,
                       const char *detail)
{
    const char *mark = statuses[finding->status].mark;
    int color = report->color ? statuses[finding->status].color : 0;
    if (color)
        printf("\x1b[%dm%-4s\x1b[0m  %-14s ", color, mark, finding->check);
    else
        printf("%-4s  %-14s ", mark, finding->check);
    visible_print(detail, stdout);
    if (finding->fix) {
        fputs("\n      fix: ", stdout);
        visible_print(finding->fix, stdout);
    }
    putchar('\n');
    (void)fflush(stdout);
}

void report_add(struct report *report, struct finding finding, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    AUTO_FREE char *detail = mem_vprintf(format, args);
    va_end(args);
    report->checks++;
    report->failed += finding.status == REPORT_FAILED;
    if (report->json)
        add_json(report, &finding, detail);
    else
        print_line(report, &finding, detail);
}

void report_lack(struct report *report, const char *check, const char *lacking, const char *fix,
                 const char *detail)
{
    report_failed(report, check, fix, "%s", detail);
    report->lacking = lacking;
}

bool report_skips(struct report *report, const char *check)
{
    if (report->lacking)
        report_skipped(report, check, "skipped: needs %s", report->lacking);
    return report->lacking != NULL;
}

int report_end(struct report *report, struct err *err)
{
    json_end_array(&report->out);
    int rc = report->json ? json_print(&report->out, "doctor", err) : 0;
    buf_release(&report->out);
    if (rc || !report->failed)
        return rc;
    return err_set(err, ERR_FAILED, "doctor: %zu of %zu checks failed", report->failed,
                   report->checks);
}
