/* The face of wasme: finds the command, parses its options, runs it, prints the error once. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/stop.h"
#include "base/visible.h"
#include "cmd/commands.h"
#include "cmd/help.h"
#include "cmd/interrupt.h"
#include "cmd/log.h"
#include "cmd/option.h"
#include "cmd/stdout.h"

enum { EXIT_USAGE = 2, EXIT_CLOSED = 141 };

static int run_parsed(const struct cli *cli, void *args, struct err *err)
{
    if (cli->help) {
        help_print_command(cli->command, stdout);
        return 0;
    }
    log_set_verbose(cli->verbose);
    return cli->command->run(cli, args, err);
}

static int start_command(const struct command *command, int argc, const char *const *argv,
                         struct err *err)
{
    AUTO_FREE void *args = mem_zero(1, command->args_size);
    struct cli cli = {.command = command, .commands = commands};
    int rc = options_parse(&cli, argc, argv, args, err);
    if (!rc)
        rc = run_parsed(&cli, args, err);
    options_release(&cli, args);
    return rc;
}

/* Finds the command and runs it. `wasme -v list` means `wasme list -v`, since the original accepted
 * its flags before the command, too. */
static int dispatch(int argc, const char *const *argv, struct err *err)
{
    while (argc && (strcmp(argv[0], "-v") == 0 || strcmp(argv[0], "--verbose") == 0)) {
        log_set_verbose(true);
        argc--;
        argv++;
    }
    if (argc == 0) {
        help_print_overview(commands, stderr);
        return err_set(err, ERR_USAGE, "no command given");
    }
    if (strcmp(argv[0], "-h") == 0 || strcmp(argv[0], "--help") == 0) {
        help_print_overview(commands, stdout);
        return 0;
    }
    if (strcmp(argv[0], "--version") == 0)
        return start_command(command_find(commands, "version"), 0, argv, err);
    if (argv[0][0] == '-')
        return err_set(err, ERR_USAGE, "no option %.80s before a command: see `wasme help`",
                       argv[0]);
    const struct command *command = command_find(commands, argv[0]);
    return command ? start_command(command, argc - 1, argv + 1, err)
                   : command_unknown(commands, argv[0], err);
}

/* The exit status. When the reader of standard output has gone, wasme ends by SIGPIPE without a
 * message, as other programs do. */
static int exit_status(int rc)
{
    switch (rc) {
    case 0:
        return EXIT_SUCCESS;
    case ERR_USAGE:
        return EXIT_USAGE;
    case ERR_INTERRUPTED:
        return interrupt_status();
    case ERR_CLOSED:
        signal(SIGPIPE, SIG_DFL);
        (void)raise(SIGPIPE);
        return EXIT_CLOSED;
    default:
        return EXIT_FAILURE;
    }
}

/* Prints the error, without control characters: an error may hold the words of peers and files. */
static void print_error(const char *text)
{
    AUTO(buf_release) struct buf clean = BUF_INIT(strlen(text));
    visible_add(&clean, text, false);
    fprintf(stderr, "wasme: %s\n", buf_text(&clean));
}

/* Puts /dev/null in the place of a closed standard descriptor, so that no file that wasme opens
 * becomes standard output or error. The descriptor is opened the wrong way round, so that writing
 * to a closed standard output is still an error. */
static void hold_standard_descriptors(void)
{
    for (int fd = 0; fd <= STDERR_FILENO; fd++) {
        if (fcntl(fd, F_GETFD) < 0)
            (void)!open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
    }
}

/*
 * Ends the process. Libraries have exit handlers that free what the kernel frees anyway, which
 * takes 0.5 ms for libcrypto. Everything that outlives the process (files, child processes, the
 * terminal) has been brought in order by the command, and standard output is written. Builds with
 * sanitizers or coverage need the handlers.
 */
static int end(int status)
{
#ifdef WASME_QUICK_EXIT
    _exit(status);
#endif
    return status;
}

int main(int argc, char **argv)
{
    AUTO(err_release) struct err err = ERR_INIT;
    hold_standard_descriptors();
    signal(SIGPIPE, SIG_IGN);
    signal(SIGCHLD, SIG_DFL); /* a parent may ignore it, and then no child could be waited for */
    stdout_watch();
    log_start();
    stop_when(interrupt_flag(), 0);
    int rc = dispatch(argc > 0 ? argc - 1 : 0, (const char *const *)argv + 1, &err);
    if (rc && rc != ERR_CLOSED)
        print_error(err_text(&err));
    int unwritten = stdout_finish(&err);
    if (unwritten == ERR_FAILED && !rc)
        print_error(err_text(&err));
    return end(exit_status(rc ? rc : unwritten));
}
