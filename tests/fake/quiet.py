"""Tells when a client and its servers can do nothing more without the bytes that relay.py holds.

Linux says in /proc what each thread does. Somebody still works while a thread runs, waits for a
processor or a disk, or has run since the look before. A busy machine makes that last longer, and changes
nothing else. Watched are the processes that open connections to the relay, those that were named, and
their children. A thread that has used the processor for SPIN seconds and brought nothing to the relay
waits too, in a bad way: libcurl 7.88 does so in an upload over HTTP/2 whose window is used up.
"""
import asyncio
import glob
import os
import sys
import time

LOOK = 0.003  # seconds between two looks
LOOKS = 6     # so many looks in a row find that nothing happens
SPIN = 0.5
PATIENCE = 10 # seconds until the relay says whom it waits for


def owners_of(port):
    """The processes that have a TCP socket of 127.0.0.1 with this port."""
    address = "0100007F:%04X" % port
    with open("/proc/net/tcp", encoding="ascii") as table:
        fields = [line.split() for line in table]
    sockets = {"socket:[%s]" % field[9] for field in fields if field[1] == address}
    return {int(path.split("/")[2]) for path in glob.glob("/proc/[0-9]*/fd/*")
            if link_of(path) in sockets}


def link_of(path):
    try:
        return os.readlink(path)
    except OSError:
        return None


def read(path):
    with open(path, encoding="utf-8", errors="replace") as file:
        return file.read()


def look_at(pids):
    """The threads of the processes and of their children: {thread: (state, switches, seconds)}."""
    seen, left = {}, list(pids)
    while left:
        for folder in glob.glob("/proc/%d/task/*" % left.pop()):
            try:
                status = dict(line.split(":", 1) for line in read(folder + "/status").splitlines())
                left += [int(pid) for pid in read(folder + "/children").split()]
                used = int(read(folder + "/schedstat").split()[0]) / 1e9
            except (OSError, ValueError, IndexError):
                continue  # the thread has just ended
            switches = [int(value) for name, value in status.items() if name.endswith("switches")]
            seen[folder] = (status["State"].split()[0], sum(switches), used)
    return seen


def awake(now, before, begun):
    """The threads that work: `before` is the last look, `begun` the look when bytes last moved."""
    return [thread for thread, (state, switches, used) in now.items()
            if (state in "RD" or (before.get(thread) or now[thread])[1] != switches)
            and used - (begun.get(thread) or now[thread])[2] < SPIN]


class Watch:
    def __init__(self, watched):
        self.servers, self.clients = set(watched), set()
        self.moved = False  # since the look before, the relay has received something

    def add_client(self, port):
        self.clients = {pid for pid in self.clients if os.path.exists("/proc/%d" % pid)}
        self.clients |= owners_of(port) - {os.getpid()}

    async def all_asleep(self, busy):
        """Returns when nobody works; `busy` says whether bytes have still to leave the relay."""
        quiet, before, begun, told = 0, {}, {}, time.monotonic() + PATIENCE
        while quiet < LOOKS:
            await asyncio.sleep(LOOK)
            now = look_at(self.servers | self.clients)
            if self.moved or busy():
                quiet, begun = 0, now
            elif awake(now, before, begun) or now.keys() != before.keys():
                quiet = 0
            else:
                quiet += 1
            if time.monotonic() > told:
                told += PATIENCE
                print("awake:", awake(now, before, begun), self.moved, busy(), file=sys.stderr,
                      flush=True)
            before, self.moved = now, False
