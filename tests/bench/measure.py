#!/usr/bin/env python3
"""Times commands for the measurements.

measure.py run FILE LABEL COMMAND...   runs it, and adds "LABEL wall cpu" in seconds to FILE
measure.py show FILE LABEL...          medians of each label, and ratios to the last one
"""
import os
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


def show(file, *labels):
    rows = {}
    with open(file) as lines:
        for line in lines:
            label, *values = line.split()
            rows.setdefault(label, []).append([float(value) for value in values])
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


{"run": run, "show": show}[sys.argv[1]](*sys.argv[2:])
