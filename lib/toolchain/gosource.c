#include "toolchain/gosource.h"

#include <ctype.h>
#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/dir.h"
#include "base/mem.h"
#include "toolchain/gobuild.h"
#include "toolchain/project.h"

#define WALK_MAX 2000 /* folders that are searched for one with a func main */
#define NAMES_MAX (8 * 1024)

void gosource_release(struct gosource *source)
{
    free(source->mod);
    free(source->left_out);
    *source = (struct gosource){0};
}

/* The length of the word at `at`, which ends at a blank, a bracket or the end of the line. */
static size_t word_len(const char *at)
{
    return strcspn(at, " \t\r\n()");
}

static bool is_word(const char *at, const char *word)
{
    size_t len = strlen(word);
    return word_len(at) == len && strncmp(at, word, len) == 0;
}

bool gosource_requires(const char *mod, const char *module)
{
    bool in_block = false;
    for (const char *line = mod; *line; line += line[0] == '\n') {
        line += strspn(line, " \t\r");
        if (is_word(line, "require")) {
            line += strlen("require");
            line += strspn(line, " \t");
            in_block = *line == '(';
            if (!in_block && is_word(line, module))
                return true;
        } else if (*line == ')') {
            in_block = false;
        } else if (in_block && is_word(line, module)) {
            return true;
        }
        line += strcspn(line, "\n");
    }
    return false;
}

bool gosource_is_module(const char *mod, const char *module)
{
    for (const char *line = mod; *line; line += line[0] == '\n') {
        line += strspn(line, " \t\r");
        if (is_word(line, "module")) {
            line += strlen("module");
            return is_word(line + strspn(line, " \t"), module);
        }
        line += strcspn(line, "\n");
    }
    return false;
}

/* The place behind the comment or the literal that starts at `at`; `at` itself when none starts
 * there. */
static const char *skip_opaque(const char *at)
{
    if (at[0] == '/' && at[1] == '/')
        return at + strcspn(at, "\n");
    if (at[0] == '/' && at[1] == '*') {
        const char *end = strstr(at + 2, "*/");
        return end ? end + 2 : at + strlen(at);
    }
    if (at[0] != '"' && at[0] != '\'' && at[0] != '`')
        return at;
    char quote = *at++;
    while (*at && *at != quote && (*at != '\n' || quote == '`'))
        at += *at == '\\' && quote != '`' && at[1] ? 2 : 1;
    return *at ? at + 1 : at;
}

static bool is_name(char c)
{
    return isalnum((unsigned char)c) || c == '_' || (unsigned char)c >= 0x80;
}

/* The text without comments, with one '"' for each literal, and with a blank only between two
 * names. */
static char *squeeze(const char *text)
{
    struct buf out = BUF_INIT(PROJECT_FILE_MAX);
    bool blank = false;
    while (*text) {
        const char *behind = skip_opaque(text);
        bool literal = behind != text && *text != '/';
        if (!literal && (behind != text || isspace((unsigned char)*text))) {
            blank = true;
            text = behind != text ? behind : text + 1;
            continue;
        }
        if (blank && out.len && is_name(out.data[out.len - 1]) && is_name(*text))
            buf_add_char(&out, ' ');
        blank = false;
        buf_add_char(&out, literal ? '"' : *text);
        text = literal ? behind : text + 1;
    }
    return buf_steal(&out);
}

enum gosource_main gosource_main_in(const char *text)
{
    static const char head[] = "func main(){";
    AUTO_FREE char *code = squeeze(text);
    for (const char *at = code; (at = strstr(at, head)) != NULL; at++) {
        if (at == code || !is_name(at[-1]))
            return at[sizeof(head) - 1] == '}' ? GO_MAIN_EMPTY : GO_MAIN_CODE;
    }
    return GO_MAIN_NONE;
}

/* A directive is a comment that begins a line and has no blank in front of its word. */
static bool has_directive(const char *text, const char *directive)
{
    size_t len = strlen(directive);
    for (const char *at = text; (at = strstr(at, directive)) != NULL; at += len) {
        if ((at == text || at[-1] == '\n') && (at[len] == ' ' || at[len] == '\t'))
            return true;
    }
    return false;
}

/* Keeps the first file that the build leaves out, by the order of the names, and the reason. */
static void note_left_out(const char *name, const char *text, struct gosource *out)
{
    if (out->left_out && strcmp(out->left_out, name) < 0)
        return;
    const char *line = text ? strstr(text, "//go:build") : NULL;
    line = line ? line : text ? strstr(text, "// +build") : NULL;
    free(out->left_out);
    out->left_out = line ? mem_printf("%s is left out by its line `%.*s`", name,
                                      (int)strcspn(line, "\r\n"), line)
                         : mem_printf("%s is left out by its name", name);
}

void gosource_look(const char *folder, const struct gobuild *build, struct gosource *out)
{
    AUTO(dir_close_at) DIR *dir = opendir(folder);
    struct dirent *entry;
    while (dir && (entry = readdir(dir)) != NULL) {
        AUTO_FREE char *path = mem_printf("%s/%s", folder, entry->d_name);
        AUTO_FREE char *text = NULL;
        if (gobuild_takes(build, entry->d_name, ""))
            text = project_read(path);
        else if (!gobuild_is_program(entry->d_name))
            continue;
        if (!gobuild_takes(build, entry->d_name, text ? text : "")) {
            note_left_out(entry->d_name, text, out);
            continue;
        }
        out->unread += !text;
        enum gosource_main here = text ? gosource_main_in(text) : GO_MAIN_NONE;
        out->files++;
        out->main = here > out->main ? here : out->main;
        out->wasmexport = out->wasmexport || (text && has_directive(text, "//go:wasmexport"));
        out->export = out->export || (text && has_directive(text, "//export"));
    }
}

/* The folders below one, nearest first. */
struct folder_walk {
    char *folders[WALK_MAX]; /* owned; relative to the first, "" for itself */
    size_t count;
    struct buf names; /* those of the folders with a func main, with commas between */
    size_t named;
};

static void walk_release(struct folder_walk *walk)
{
    for (size_t i = 0; i < walk->count; i++)
        free(walk->folders[i]);
    buf_release(&walk->names);
}

/* Whether the folder holds no program of this module: by Go's own rule, or since it is a folder of
 * another language's libraries. */
static bool is_passed_over(const char *name)
{
    static const char *const names[] = {"vendor", "testdata", "node_modules", "target"};
    for (size_t i = 0; i < COUNT(names); i++)
        if (strcmp(name, names[i]) == 0)
            return true;
    return name[0] == '.' || name[0] == '_';
}

static void add_folders(struct folder_walk *walk, const char *path, const char *relative)
{
    AUTO(dir_close_at) DIR *dir = opendir(path);
    struct dirent *entry;
    while (dir && walk->count < WALK_MAX && (entry = readdir(dir)) != NULL) {
        if (entry->d_type == DT_DIR && !is_passed_over(entry->d_name))
            walk->folders[walk->count++] =
                mem_printf("%s%s%s", relative, *relative ? "/" : "", entry->d_name);
    }
}

static void walk_below(const char *folder, const struct gobuild *build, struct folder_walk *walk)
{
    walk->folders[walk->count++] = mem_dup("");
    for (size_t i = 0; i < walk->count && walk->named < GOSOURCE_BELOW_MAX; i++) {
        const char *relative = walk->folders[i];
        AUTO_FREE char *path = mem_printf("%s/%s", folder, relative);
        AUTO(gosource_release) struct gosource source = {0};
        gosource_look(path, build, &source);
        if (*relative && source.main != GO_MAIN_NONE)
            buf_printf(&walk->names, "%s%s", walk->named++ ? ", " : "", relative);
        add_folders(walk, path, relative);
    }
}

/* Says that the folder has no Go file, or no func main in them. Where folders below it have a func
 * main, that is a better hint than an error that there may be already (`rc`). */
static int refuse_empty(const char *folder, const struct gobuild *build,
                        const struct gosource *source, int rc, struct err *err)
{
    const char *lack = source->files ? "no func main in the Go files there"
                                     : "no Go file there that a build for wasip1 takes";
    const char *left_out = source->left_out ? source->left_out : "";
    const char *before = *left_out ? ": " : "";
    AUTO(walk_release) struct folder_walk walk = {.names = BUF_INIT(NAMES_MAX)};
    walk_below(folder, build, &walk);
    if (walk.named)
        return err_set(err, ERR_NOT_FOUND,
                       "source %s: %s%s%s; below it, a func main is in %s: name one of these "
                       "folders",
                       folder, lack, before, left_out, buf_text(&walk.names));
    if (rc)
        return rc;
    if (*left_out)
        return err_set(err, ERR_NOT_FOUND,
                       "source %s: %s: %s: change that, or give a build tag with `-- -tags NAME`",
                       folder, lack, left_out);
    return err_set(err, ERR_NOT_FOUND,
                   "source %s: %s, nor a func main in a folder below: name the folder of the "
                   "filter's package main",
                   folder, lack);
}

static int read_mod(const char *folder, char **text, struct err *err)
{
    AUTO_FREE char *path = project_find_up(folder, "go.mod");
    if (!path)
        return err_set(err, ERR_NOT_FOUND,
                       "source %s: no go.mod there or in a folder above: make one with `go mod "
                       "init` and `go mod tidy`",
                       folder);
    *text = project_read(path);
    return 0;
}

int gosource_open(const char *folder, const struct gobuild *build, struct gosource *out,
                  struct err *err)
{
    int rc = project_check_folder(folder, err);
    if (rc)
        return rc;
    AUTO(gosource_release) struct gosource found = {0};
    rc = read_mod(folder, &found.mod, err);
    gosource_look(folder, build, &found);
    if (!found.files || (!rc && !found.unread && found.main == GO_MAIN_NONE))
        rc = refuse_empty(folder, build, &found, rc, err);
    if (rc)
        return rc;
    *out = found;
    found = (struct gosource){0};
    return 0;
}
