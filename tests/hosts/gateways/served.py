#!/usr/bin/env python3
"""Gives images of `wasme serve` to the gateways' own code: by tag and by digest, from a served store and after a push.

    served.py WASME --oracles FOLDER

Prints a line for each image and gateway. Fails when a gateway does not do with the image what `wasme check` says of it,
has other bytes, or when no form of an image loads.
"""
import argparse
import hashlib
import os
import subprocess
import sys
import tempfile

from run import GATEWAYS, ORACLES, ask_wasme

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", ".."))
from serving import Served

FILTER = os.path.join(HERE, "..", "..", "..", "examples", "add-header.wasm")
FORMS = ("oci", "compat", "docker", "cncf")


def run_wasme(wasme, env, *words):
    return subprocess.run([wasme, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=env,
                          check=True).stdout.strip()


def ask_oracles(folder, references):
    """{reference: {gateway: "ok SIZE SHA256" or "no REASON"}}"""
    verdicts = {reference: {} for reference in references}
    for oracle in ORACLES:
        done = subprocess.run([os.path.join(folder, oracle)], input="".join(r + "\n" for r in references), check=True,
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        for line in done.stdout.splitlines():
            reference, verdict = line.split("\t", 1)
            verdicts[reference][oracle] = verdict
    return verdicts


def compare(how, reference, verdicts, answers, sha256):
    """Prints the verdicts; returns the faults, and whether the image loads somewhere."""
    faults, loads = [], False
    for gateway, oracle in GATEWAYS.items():
        verdict, said = verdicts[oracle], answers.get(gateway, {}).get("verdict", "unknown")
        ok = verdict.startswith("ok ")
        loads = loads or ok
        if gateway == oracle:
            print("%-8s %-13s %-40s %s" % (how, gateway, reference, verdict[:100]))
        if said != ("loads" if ok else "refuses"):
            faults.append("%s: %s: check says %s, the gateway: %s" % (reference, gateway, said, verdict))
        if ok and verdict.split()[2] != sha256:
            faults.append("%s: %s: other bytes: %s" % (reference, gateway, verdict))
    return faults, loads


def judge(how, references, args, env, sha256):
    verdicts = ask_oracles(args.oracles, references)
    faults, loaded = [], set()
    for reference in references:
        answers, _ = ask_wasme(args.wasme, reference, env)
        found, loads = compare(how, reference, verdicts[reference], answers, sha256)
        faults += found
        loaded.update([reference] if loads else [])
    if not loaded:
        faults.append("%s: no image loads anywhere" % how)
    return faults


def serve_store(args, folder, env, sha256):
    """Images that were built here, served for reading."""
    store = os.path.join(folder, "built")
    for form in FORMS:
        run_wasme(args.wasme, env, "build", "precompiled", FILTER, "--store", store, "--format", form,
                  "-t", "harbor.example/base/filter:" + form)
    served = Served(args.wasme, env, os.path.join(folder, "serve.log"), "--store", store)
    try:
        at = "127.0.0.1:%d" % served.port
        return judge("served", ["%s/base/filter:%s" % (at, form) for form in FORMS] +
                     ["%s/harbor.example/base/filter:compat" % at] +
                     ["%s/base/filter:%s-compat" % (at, form) for form in FORMS if form != "compat"],
                     args, env, sha256)
    finally:
        served.stop()


def push_there(args, folder, env, sha256):
    """Images that come by a push, then read by tag and by digest."""
    served = Served(args.wasme, env, os.path.join(folder, "serve.log"), "--store", os.path.join(folder, "pushed"), "--writable")
    try:
        at, references = "127.0.0.1:%d" % served.port, []
        for form in FORMS:
            reference = "%s/demo/filter:%s" % (at, form)
            run_wasme(args.wasme, env, "build", "precompiled", FILTER, "--format", form, "-t", reference)
            pinned = run_wasme(args.wasme, env, "push", reference)
            references += [reference, "%s/demo/filter@%s" % (at, pinned.split("@")[1])]
        return judge("pushed", references, args, env, sha256)
    finally:
        served.stop()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("wasme")
    parser.add_argument("--oracles", required=True)
    args = parser.parse_args()
    args.wasme = os.path.abspath(args.wasme)
    with open(FILTER, "rb") as module:
        sha256 = hashlib.sha256(module.read()).hexdigest()
    with tempfile.TemporaryDirectory() as folder:
        env = dict(os.environ, HOME=folder, XDG_RUNTIME_DIR=folder, XDG_CACHE_HOME=folder)
        faults = serve_store(args, folder, env, sha256) + push_there(args, folder, env, sha256)
    for fault in faults:
        print(fault)
    print("%d faults" % len(faults))
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
