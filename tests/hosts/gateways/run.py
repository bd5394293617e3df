#!/usr/bin/env python3
"""Compares `wasme check` with the gateways' own verdicts on the images of images.py.

    run.py WASME [NAME...]                   with the verdicts in recorded.tsv
    run.py WASME --oracles FOLDER [--record] with the programs that build.sh has made; --record keeps their verdicts

Fails when check promises an image that a gateway refuses, refuses one that it takes, or takes other bytes. An answer
that is not known is no fault, and counted.
"""
import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor

HERE = os.path.dirname(os.path.abspath(__file__))
RECORDED = os.path.join(HERE, "recorded.tsv")
ORACLES = ("istio", "envoy-gateway")
# Higress's fetcher is a copy of Istio's.
GATEWAYS = {"istio": "istio", "envoy-gateway": "envoy-gateway", "higress": "istio"}
READ_MAX, SERVED_MAX = 256 << 20, 32 << 20


def start_registry(folder):
    port_file = os.path.join(folder, "port")
    with open(os.path.join(folder, "list"), "w", encoding="utf-8") as out:
        server = subprocess.Popen([sys.executable, os.path.join(HERE, "serve.py"), "--port-file", port_file], stdout=out)
    for _ in range(600):
        if os.path.exists(port_file):
            break
        if server.poll() is not None:
            sys.exit("the registry ended")
        time.sleep(0.1)
    else:
        server.kill()
        sys.exit("the registry did not start")
    with open(os.path.join(folder, "list"), encoding="utf-8") as lines:
        return server, dict(line.rstrip("\n").split("\t") for line in lines)


def ask_oracles(folder, references):
    """{name: {gateway: "ok SIZE SHA256" or "no"}}"""
    verdicts = {name: {} for name in references}
    names = {reference: name for name, reference in references.items()}
    for oracle in ORACLES:
        done = subprocess.run([os.path.join(folder, oracle)], input="".join(r + "\n" for r in names), check=True,
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        for line in done.stdout.splitlines():
            reference, verdict = line.split("\t", 1)
            verdicts[names[reference]][oracle] = verdict if verdict.startswith("ok ") else "no"
    return verdicts


def read_recorded():
    with open(RECORDED, encoding="utf-8") as lines:
        rows = [line.rstrip("\n").split("\t") for line in lines if not line.startswith("#")]
    return {row[0]: dict(zip(ORACLES, row[1:])) for row in rows}


def record(verdicts):
    with open(RECORDED, "w", encoding="utf-8") as out:
        out.write("# The verdicts of the gateways' own code; run.py --record writes this file.\n")
        out.write("# image\t%s: ok SIZE SHA256 of the module, or no\n" % "\t".join(ORACLES))
        for name, row in verdicts.items():
            out.write("\t".join([name] + [row[oracle] for oracle in ORACLES]) + "\n")


def expect(gateway, verdict):
    """The verdict that check should give: the module's digest, or None. What the gateway's code takes and its Envoy
    then cannot have does not load: a module that was cut, or one that is too large to be served."""
    words = verdict.split()
    if words[0] != "ok":
        return None
    limit = SERVED_MAX if gateway == "envoy-gateway" else READ_MAX - 1
    return words[2] if int(words[1]) <= limit else None


def ask_wasme(wasme, reference, env):
    command = [wasme, "check", "--json"]
    for gateway in GATEWAYS:
        command += ["--gateway", gateway]
    done = subprocess.run(command + [reference], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=env,
                          check=False)
    try:
        answers = {answer["gateway"]: answer for answer in json.loads(done.stdout)["gateways"]}
    except (ValueError, KeyError):
        answers = {}
    return answers, done.stderr.strip()


def compare(name, recorded, answers, said):
    """Lines about what is wrong, and the number of answers that are not known."""
    wrong, unknown = [], 0
    for gateway, oracle in GATEWAYS.items():
        expected = expect(gateway, recorded[oracle])
        answer = answers.get(gateway, {"verdict": "unknown", "because": said})
        got = answer["verdict"]
        if got == "unknown":
            unknown += 1
        elif got == "loads" and expected is None:
            wrong.append("%s: %s: FALSE PROMISE: it does not load" % (name, gateway))
        elif got == "loads" and answer.get("moduleSha256") != expected:
            wrong.append("%s: %s: OTHER BYTES: %s, not %s" % (name, gateway, answer.get("moduleSha256"), expected))
        elif got == "refuses" and expected is not None:
            wrong.append("%s: %s: FALSE REFUSAL: %s" % (name, gateway, answer.get("because")))
    return wrong, unknown


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("wasme")
    parser.add_argument("names", nargs="*")
    parser.add_argument("--oracles")
    parser.add_argument("--record", action="store_true")
    parser.add_argument("--unknown", action="store_true", help="list the answers that are not known")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        server, references = start_registry(folder)
        try:
            sys.exit(run(args, folder, references))
        finally:
            server.kill()
            server.wait()


def run(args, folder, references):
    env = dict(os.environ, HOME=folder, XDG_RUNTIME_DIR=folder, XDG_CACHE_HOME=folder)
    recorded = ask_oracles(args.oracles, references) if args.oracles else read_recorded()
    if args.record:
        record(recorded)
    if set(recorded) != set(references):
        print("recorded.tsv is of other images: %s" % " ".join(sorted(set(recorded) ^ set(references))))
        return 1
    names = [name for name in references if not args.names or name in args.names]
    with ThreadPoolExecutor(2) as pool:
        asked = list(pool.map(lambda name: ask_wasme(args.wasme, references[name], env), names))
    wrong, unknown, taken = [], [], 0
    for name, (answers, said) in zip(names, asked):
        faults, count = compare(name, recorded[name], answers, said)
        wrong += faults
        unknown += [name] if count else []
        taken += any(expect(gateway, recorded[name][oracle]) for gateway, oracle in GATEWAYS.items())
    if args.unknown:
        for name, (answers, said) in zip(names, asked):
            if name in unknown:
                print("%s\t%s\t%s" % (name, recorded[name]["istio"][:2], answers.get("istio", {}).get("because", said)))
    for line in wrong:
        print(line)
    print("%d images, of which %d load somewhere: %d wrong answers, %d images with an answer that is not known" %
          (len(names), taken, len(wrong), len(unknown)))
    return 1 if wrong else 0


if __name__ == "__main__":
    main()
