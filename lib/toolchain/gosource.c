#include "toolchain/gosource.h"

#include <ctype.h>
#include <dirent.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "toolchain/project.h"

int gosource_find_mod(const char *folder, char **path, struct err *err)
{
    *path = project_find_up(folder, "go.mod");
    if (*path)
        return 0;
    return err_set(err, ERR_NOT_FOUND,
                   "source %s: no go.mod there or in a folder above: make one with `go mod init` "
                   "and `go mod tidy`",
                   folder);
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

/* Behind the comment or the literal that starts at `at`; `at` itself when none does. */
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

/* The text without comments and literals (each literal becomes a '"', so that it is not nothing),
 * and with a blank only where it parts two names. */
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

static bool ends_with(const char *name, const char *end)
{
    size_t len = strlen(name), end_len = strlen(end);
    return len > end_len && strcmp(name + len - end_len, end) == 0;
}

static void close_dir(DIR **dir)
{
    if (*dir)
        closedir(*dir);
}

enum gosource_main gosource_main_of(const char *folder)
{
    enum gosource_main found = GO_MAIN_NONE;
    AUTO(close_dir) DIR *dir = opendir(folder);
    struct dirent *entry;
    while (dir && (entry = readdir(dir)) != NULL) {
        if (!ends_with(entry->d_name, ".go") || ends_with(entry->d_name, "_test.go"))
            continue;
        AUTO_FREE char *path = mem_printf("%s/%s", folder, entry->d_name);
        AUTO_FREE char *text = project_read(path);
        enum gosource_main here = text ? gosource_main_in(text) : GO_MAIN_NONE;
        if (here > found)
            found = here;
    }
    return found;
}
