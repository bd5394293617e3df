#!/usr/bin/env python3
"""Times commands for the measurements.

measure.py run FILE LABEL COMMAND...   runs it, and adds "LABEL wall cpu" in seconds to FILE
measure.py show FILE LABEL...          medians of each label, and ratios to the last one
measure.py table FILE RTT WORK=NAME... of the labels WORK.PROGRAM: medians (least to most), round trips,
                                       and the ratio of wasme to oras
measure.py requests FILE NAME RTT BEGIN END    the requests that lab.bash lets nginx log
"""
import os
import re
import statistics
import subprocess
import sys
import time


def run(file, label, *command):
    begun = time.perf_counter()
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                               stderr=subprocess.PIPE)
    said = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - begun
    if status:
        sys.exit("%s: status %d\n%s" % (" ".join(command), status, said.decode(errors="replace")))
    with open(file, "a") as out:
        out.write("%s %.6f %.6f\n" % (label, wall, usage.ru_utime + usage.ru_stime))


def rows_of(file):
    rows = {}
    with open(file) as lines:
        for line in lines:
            label, *values = line.split()
            rows.setdefault(label, []).append([float(value) for value in values])
    return rows


def show(file, *labels):
    rows = rows_of(file)
    labels = [label for label in labels if label in rows]
    medians = {label: [statistics.median(column) for column in zip(*rows[label])]
               for label in labels}
    for label in labels:
        wall, cpu, *rss = medians[label]
        text = "  %-22s wall %8.2f ms   cpu %8.2f ms" % (label, wall * 1e3, cpu * 1e3)
        if len(labels) > 1 and label != labels[-1]:
            base = medians[labels[-1]]
            text += "   of %s: wall %.2f, cpu %.2f" % (labels[-1], wall / base[0],
                                                       cpu / max(base[1], 1e-6))
        print("%s   (%d runs)" % (text, len(rows[label])))


PROGRAMS = ("oras", "crane", "before", "wasme")


def cell(walls, rtt):
    if not walls:
        return "-"
    median = statistics.median(walls)
    return "%.0f ms (%.0f to %.0f)%s" % (median, min(walls), max(walls),
                                         ", %.1f RTT" % (median / rtt) if rtt else "")


def table(file, rtt, *works):
    """In Markdown, so that a document can have it as it is."""
    rows, rtt = rows_of(file), float(rtt)
    ran = {label.split(".")[1] for label in rows}
    shown = [program for program in PROGRAMS if program in ran or program != "before"]
    print("\n| RTT %g ms | %s | ratio to oras |\n|---%s|---|" % (rtt, " | ".join(shown),
                                                               "|---" * len(shown)))
    for work, name in (word.split("=", 1) for word in works):
        walls = {program: [values[0] * 1e3 for values in rows.get(work + "." + program, [])]
                 for program in shown}
        ratio = "-"
        if walls["oras"] and walls["wasme"]:
            ratio = "%.2f" % (statistics.median(walls["wasme"]) / statistics.median(walls["oras"]))
        print("| %s | %s | %s |" % (name, " | ".join(cell(walls[p], rtt) for p in shown), ratio),
              flush=True)


def requests(file, name, rtt, begin, end):
    rtt, begin, end = float(rtt), float(begin), float(end)
    lines = []
    with open(file) as log:
        for line in log:
            ended, took, connection, protocol, status, size, *what = line.split()
            answered = (float(ended) - begin) * 1e3 + rtt / 2
            what = re.sub("([0-9a-f]{8})[0-9a-f-]{20,}", r"\1...", " ".join(what))
            lines.append((answered - rtt - float(took) * 1e3, answered, connection, protocol,
                          status, size, what))
    wall = (end - begin) * 1e3
    print("\n%s: %d requests in %.0f ms, %.1f RTT" % (name, len(lines), wall, wall / rtt))
    print("    sent           answered       on protocol status size request")
    connections = {}
    for sent, answered, connection, protocol, status, size, what in sorted(lines):
        number = connections.setdefault(connection, len(connections) + 1)
        print("%5.0f ms %4.1f RTT %5.0f ms %4.1f RTT  c%d %s %s %6s %s" % (
            sent, sent / rtt, answered, answered / rtt, number, protocol, status, size, what))


{"run": run, "show": show, "table": table, "requests": requests}[sys.argv[1]](*sys.argv[2:])
