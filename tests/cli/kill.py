#!/usr/bin/env python3
"""Runs wasme commands and kills them at random points, and looks at the store after each.

kill.py COUNT CHECK COMMAND... takes turns through the commands (each one argument, words parted by
spaces, {i} is the turn). After each kill `wasme list` must succeed without a word on stderr; CHECK
is a reference that must then be whole, or "" for none. Its digest and what was killed are counted
and printed as JSON. The time within which a command is killed follows the machine's pace, so that
three of four are killed.
"""
import collections
import json
import os
import random
import signal
import subprocess
import sys
import time

WASME = os.environ["WASME"]
# A sanitizer that is killed while it looks for leaks reports this.
ENVIRONMENT = {**os.environ, "ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "") + ":detect_leaks=0"}


def start(command, i):
    return subprocess.Popen([WASME, *command.format(i=i).split(" ")], stdin=subprocess.DEVNULL,
                            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=ENVIRONMENT)


def measure(commands):
    """The middle of five runs, in seconds."""
    times = []
    for i in range(5):
        begun = time.monotonic()
        start(commands[i % len(commands)], "m%d" % i).wait()
        times.append(time.monotonic() - begun)
    return sorted(times)[2]


def look(*words):
    done = subprocess.run([WASME, *words], stdin=subprocess.DEVNULL, capture_output=True, timeout=60)
    if done.returncode != 0 or done.stderr:
        sys.exit("wasme %s: status %d\n%s%s" % (" ".join(words), done.returncode,
                                                done.stdout.decode(), done.stderr.decode()))
    return done.stdout


def main(count, check, *commands):
    counts = collections.Counter(killed=0, finished=0)
    within = 1.3 * measure(commands)
    for i in range(count):
        process = start(commands[i % len(commands)], i)
        time.sleep(random.uniform(0, within))
        process.send_signal(signal.SIGKILL)
        killed = process.wait() == -signal.SIGKILL
        counts["killed" if killed else "finished"] += 1
        within *= 1.02 if killed else 0.94
        look("list")
        if check:
            found = json.loads(look("inspect", check, "--json"))
            counts[found["fileDigest"] + " " + found["abiVersions"][0]] += 1
    print(json.dumps({"within_us": int(within * 1e6), **counts}))


main(int(sys.argv[1]), *sys.argv[2:])
