#!/usr/bin/env python3
"""Runs a program on a terminal of its own: terminal.py [--columns N] QUESTION ANSWER... -- PROGRAM ARGUMENT...

The terminal has N columns; an answer ~N gives it another width. Waits for each question, types its answer (^C: that key), and prints all that the terminal showed and
whether it echoes what is typed afterwards. Ends with the program's status.
"""
import fcntl
import os
import pty
import select
import struct
import sys
import termios
import time


def resize(terminal, columns):
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("4H", 24, columns, 0, 0))


def answer_question(terminal, answer):
    if answer.startswith("~"):
        resize(terminal, int(answer[1:]))
    else:
        os.write(terminal, b"\x03" if answer == "^C" else answer.encode() + b"\n")


def main():
    columns = 0
    words = sys.argv[1:]
    if words[0] == "--columns":
        columns = int(words[1])
        words = words[2:]
    split = words.index("--")
    steps = list(zip(words[0:split:2], words[1:split:2]))
    child, terminal = pty.fork()
    if child == 0:
        resize(0, columns)
        os.execv(words[split + 1], words[split + 1:])
    shown = b""
    seen = 0
    end = time.monotonic() + 60
    while time.monotonic() < end:
        if steps and steps[0][0].encode() in shown[seen:]:
            seen = len(shown)
            answer_question(terminal, steps.pop(0)[1])
        if not select.select([terminal], [], [], 0.1)[0]:
            continue
        try:
            data = os.read(terminal, 4096)
        except OSError: # the program has ended
            break
        shown += data
    echoes = termios.tcgetattr(terminal)[3] & termios.ECHO
    sys.stdout.buffer.write(shown)
    sys.stdout.flush()
    print("\necho is %s" % ("on" if echoes else "off"))
    status = os.waitpid(child, 0)[1]
    sys.exit(os.waitstatus_to_exitcode(status) if not steps else 99)


if __name__ == "__main__":
    main()
