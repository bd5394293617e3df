#!/usr/bin/env python3
"""Runs a program on a terminal of its own: terminal.py QUESTION ANSWER... -- PROGRAM ARGUMENT...

Waits for each question, types its answer (^C: that key), and prints all that the terminal showed and
whether it echoes what is typed afterwards. Ends with the program's status.
"""
import os
import pty
import select
import sys
import termios
import time


def main():
    split = sys.argv.index("--")
    steps = list(zip(sys.argv[1:split:2], sys.argv[2:split:2]))
    child, terminal = pty.fork()
    if child == 0:
        os.execv(sys.argv[split + 1], sys.argv[split + 1:])
    shown = b""
    seen = 0
    end = time.monotonic() + 60
    while time.monotonic() < end:
        if steps and steps[0][0].encode() in shown[seen:]:
            seen = len(shown)
            answer = steps.pop(0)[1]
            os.write(terminal, b"\x03" if answer == "^C" else answer.encode() + b"\n")
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
