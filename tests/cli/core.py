"""Does a process that is ended by SIGABRT leave a core file?

    core.py PROGRAM ARGUMENT...     "yes" or "no"; "unknown" where none of this machine does

SERVER in an argument becomes the address of a server that takes connections and never answers: the
signal is sent when the first has come. The program inherits standard input.
"""
import os
import resource
import signal
import socket
import subprocess
import sys
import time

WAIT = 20


def dumped(argv, wait):
    process = subprocess.Popen(argv)
    wait()
    os.kill(process.pid, signal.SIGABRT)
    _, status = os.waitpid(process.pid, 0)
    process.returncode = status
    return os.WCOREDUMP(status)


def main():
    try:
        resource.setrlimit(resource.RLIMIT_CORE, (resource.RLIM_INFINITY,) * 2)
    except (OSError, ValueError):
        return "unknown"
    if not dumped(["sleep", str(WAIT)], lambda: time.sleep(0.2)):
        return "unknown"
    server = socket.create_server(("127.0.0.1", 0))
    server.settimeout(WAIT)
    address = "127.0.0.1:%d" % server.getsockname()[1]
    argv = [argument.replace("SERVER", address) for argument in sys.argv[1:]]
    kept = []  # the connection stays

    def wait():
        kept.append(server.accept())
        kept[0][0].recv(1)

    return "yes" if dumped(argv, wait) else "no"


print(main())
