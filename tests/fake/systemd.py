#!/usr/bin/env python3
"""A manager of services, as systemd is one: systemd.py --log FILE [OPTION...] -- PROGRAM ARGUMENT...

Opens --sockets sockets that listen on 127.0.0.1 (their ports go to FILE.ports), starts the program
with them, and writes the messages of the program to FILE, one line for each, with " | " between the
lines of a message. --abstract: the socket of the messages is one without a file. --watchdog:
milliseconds. --kind: what the descriptors are. SIGTERM is handed on; the exit status is the
program's.
"""
import argparse
import os
import signal
import socket
import sys
import threading

parser = argparse.ArgumentParser()
parser.add_argument("--log", required=True)
parser.add_argument("--sockets", type=int, default=0)
parser.add_argument("--abstract", action="store_true")
parser.add_argument("--watchdog", type=int, default=0)
parser.add_argument("--kind", choices=["tcp", "udp", "quiet", "file"], default="tcp")
parser.add_argument("program", nargs="+")
args = parser.parse_args()


descriptors, ports = [], []
for _ in range(args.sockets):
    if args.kind == "file":
        descriptors.append(os.open("/dev/null", os.O_RDWR))
        continue
    made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM if args.kind == "udp" else socket.SOCK_STREAM)
    made.bind(("127.0.0.1", 0))
    if args.kind == "tcp":
        made.listen(64)
    ports.append(made.getsockname()[1])
    descriptors.append(made.detach())
with open(args.log + ".ports", "w") as out:
    print(*ports, file=out)

messages = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
name = ("\0wasme-test-%d" % os.getpid()) if args.abstract else args.log + ".socket"
messages.bind(name)
environment = dict(os.environ, NOTIFY_SOCKET="@" + name[1:] if args.abstract else name)
if args.sockets:
    environment.update(LISTEN_FDS=str(args.sockets), LISTEN_FDNAMES=":".join("x" * args.sockets))
if args.watchdog:
    environment["WATCHDOG_USEC"] = str(args.watchdog * 1000)


# An empty message is the last one.
def listen():
    with open(args.log, "a") as log:
        while message := messages.recv(4096):
            print(message.decode().replace("\n", " | "), file=log, flush=True)


def place():
    high = [os.dup2(fd, 100 + at) for at, fd in enumerate(descriptors)]
    for at, fd in enumerate(high):
        os.dup2(fd, 3 + at)
        os.close(fd)


open(args.log, "a").close()
listener = threading.Thread(target=listen, daemon=True)
listener.start()
child = os.fork()
if child == 0:
    place()
    environment["LISTEN_PID"] = environment["WATCHDOG_PID"] = str(os.getpid())
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    os.execvpe(args.program[0], args.program, environment)
for fd in descriptors:
    os.close(fd)
with open(args.log + ".pid", "w") as out:
    print(child, file=out)
signal.signal(signal.SIGTERM, lambda *_: os.kill(child, signal.SIGTERM))
_, status = os.waitpid(child, 0)
socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).sendto(b"", name)
listener.join()
sys.exit(os.waitstatus_to_exitcode(status))
