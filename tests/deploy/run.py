#!/usr/bin/env python3
"""Runs `wasme deploy` on each row of matrix.tsv, and gives what it accepts to the code of those who read it.

    run.py WASME --readers FOLDER [--envoy ENVOY] [--keep FOLDER] [NAME...]
    run.py WASME --quick [NAME...]

FOLDER is what build.sh has filled. Then the mistakes of planted.tsv are put into the manifests, and the reader that is
named there has to refuse each. Fails when a row ends otherwise than the table says, a reader refuses a manifest or
gets another configuration or other bytes than were given, or a planted mistake passes. --quick asks no reader.
"""
import argparse
import collections
import json
import os
import re
import shlex
import shutil
import sys
import tempfile

from fixture import Fixture
from readers import Readers, Refused, check_apisix, free_port, parse

HERE = os.path.dirname(os.path.abspath(__file__))
Row = collections.namedtuple("Row", "name target words expected")


def read_table(name):
    with open(os.path.join(HERE, name), encoding="utf-8") as lines:
        return [line.rstrip("\n").split("\t") for line in lines if line.strip() and not line.startswith("#")]


class Made:
    """A row that was accepted: its manifest, and what has to be in it."""

    def __init__(self, row, words, path, text):
        self.row, self.words, self.path, self.text = row, words, path, text
        self.objects = None

    def option(self, name):
        return self.words[self.words.index(name) + 1] if name in self.words else None

    def config(self):
        given = self.option("--config")
        if given and given.startswith("@"):
            with open(given[1:], encoding="utf-8") as text:
                given = text.read()
        return given

    def reaches(self):
        """Whether an agent on this machine can pull what the manifest names."""
        return self.option("--path") is None and not self.words[0].startswith("store:")


def holds(value, wanted):
    """Whether the wanted value, or a text with it as JSON, is somewhere in the document."""
    if same(value, wanted):
        return True
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return any(holds(one, wanted) for one in inner)


def same(value, wanted):
    if type(value) is type(wanted) and value == wanted:
        return True
    if not isinstance(value, str) or isinstance(wanted, str):
        return False
    try:
        return json.loads(value) == wanted
    except ValueError:
        return False


def as_json(text):
    try:
        return json.loads(text)
    except ValueError:
        return text


class Check:
    def __init__(self, fixture, readers, keep):
        self.fixture, self.readers, self.keep = fixture, readers, keep
        self.faults, self.made = [], {}
        self.accepted = self.refused = 0
        self.asked = collections.Counter()

    def fault(self, name, words):
        self.faults.append("%s: %s" % (name, words))
        print("FAULT %s: %s" % (name, words), flush=True)

    # --- wasme ---

    def run_row(self, row):
        words = shlex.split(re.sub(r"\{(\w+)\}", lambda found: self.fixture.words[found[1]], row.words))
        if row.target == "mosn" and row.expected == "accepted" and "--port" not in words:
            words += ["--port", str(free_port())] if "--part" not in words else []
        done = self.fixture.run("deploy", row.target, *words)
        path = os.path.join(self.keep, row.name + (".json" if done.stdout.startswith("{") else ".yaml"))
        if row.expected == "accepted":
            if done.returncode:
                self.fault(row.name, "refused: " + done.stderr.strip())
                return
            self.accepted += 1
            with open(path, "w", encoding="utf-8") as out:
                out.write(done.stdout)
            self.made[row.name] = Made(row, words, path, done.stdout)
            return
        self.refused += 1
        wanted = row.expected.partition(": ")[2]
        if done.returncode not in (1, 2) or done.stdout:
            self.fault(row.name, "status %d, and %d bytes on standard output" % (done.returncode, len(done.stdout)))
        if wanted not in done.stderr:
            self.fault(row.name, "the error has no \"%s\": %s" % (wanted, done.stderr.strip()))

    # --- the readers ---

    def ask_api_server(self):
        """Every manifest is parsed here, and those for Kubernetes are checked."""
        made = list(self.made.values())
        pairs = [(self.readers.set_of(one.row.target, one.option("--target-version")), one.path) for one in made]
        for one, (known, _), answer in zip(made, pairs, self.readers.documents(pairs)):
            self.asked["YAML alone" if known == "yaml" else "API server, " + known] += 1
            try:
                one.objects = parse(answer)
                self.check_content(one)
            except Refused as refusal:
                self.fault(one.row.name, "%s: %s" % (known, refusal))

    def check_content(self, one):
        given = one.config()
        split = one.row.target == "mosn"  # the configuration's members stand among MOSN's own
        if given and not split and "--part config" not in one.row.words and \
                not holds(one.objects, as_json(given)) and not holds(one.objects, given):
            self.fault(one.row.name, "the configuration is not in the manifest")
        digests = re.findall(r"\b[0-9a-f]{64}\b", one.text)
        if "--no-pin" in one.words and digests:
            self.fault(one.row.name, "a digest in spite of --no-pin")
        of_module = self.fixture.sha256 in digests
        if one.option("--url") and not of_module:
            self.fault(one.row.name, "the module's digest is missing")
        if not one.option("--url") and of_module and one.row.target in ("istio", "higress", "envoy-gateway"):
            self.fault(one.row.name, "the module's digest beside an image or a file")
        if one.words[0] == self.fixture.words["ref"] and "--no-pin" not in one.words and not digests and \
                not one.option("--path"):
            self.fault(one.row.name, "no digest")

    def ask_istio(self):
        made = [one for one in self.made.values() if one.row.target == "istio"]
        pairs = [("check", one.path) for one in made]
        pairs += [("agent", one.path) for one in made]
        for one, (what, _), answer in zip(made + made, pairs, self.readers.istio(pairs)):
            self.asked["Istio's " + ("webhook" if what == "check" else "agent")] += 1
            try:
                given = parse(answer)
                if what == "agent":
                    self.check_agent(one, given)
            except Refused as refusal:
                self.fault(one.row.name, "Istio (%s): %s" % (what, refusal))

    def check_agent(self, one, list_given):
        for given in list_given:
            if not one.reaches():
                if one.option("--path") and given.get("path") != one.option("--path"):
                    self.fault(one.row.name, "the agent has %s" % given)
                continue
            if not isinstance(given, dict) or given.get("module") != self.fixture.sha256:
                self.fault(one.row.name, "the agent has %s" % given)
                continue
            config = one.config()
            if config and as_json(config) != {} and not same(given["config"], as_json(config)) and \
                    given["config"] != config:
                self.fault(one.row.name, "the filter would get %r" % given["config"])
            if given["root"] != (one.option("--root-id") or given["root"]):
                self.fault(one.row.name, "the root id is %r" % given["root"])

    def ask_others(self):
        for one in self.made.values():
            try:
                self.ask_other(one)
            except Refused as refusal:
                self.fault(one.row.name, "%s: %s" % (one.row.target, refusal))

    def ask_other(self, one):
        if one.row.target == "apisix":
            self.asked["rules for APISIX"] += 1
            check_apisix(one.objects)
        elif one.row.target == "kong":
            self.asked["decK"] += 1
            self.readers.check_kong(one.path)
        elif one.row.target == "envoy" and "--part" not in one.words:
            self.asked["Envoy"] += 1
            self.readers.check_envoy(one.path)
        elif one.row.target == "mosn":
            self.asked["MOSN's types"] += 1
            if one.option("--part") == "filter":
                return
            self.readers.check_mosn(one.path)
            if one.option("--root-id") is None or one.option("--root-id").isdigit():
                self.asked["MOSN, with a request"] += 1
                self.check_stamp(one)

    def check_stamp(self, one):
        stamp = self.readers.run_mosn(one.path, int(one.option("--port")))
        config = one.config()
        if one.words[0] == self.fixture.calls:  # what wasme says of MOSN: lib/module/host/mosn.c
            if stamp != "starts 2, configures 0, configuration 0, headers N":
                self.fault(one.row.name, "MOSN has other ways: " + stamp)
        elif one.words[0] == self.fixture.words["starter"]:
            if stamp != json.loads(config or '{"value": "hello"}')["value"]:
                self.fault(one.row.name, "the starter got %r" % stamp)
        elif stamp not in (list(json.loads(config or "{}").values()) or ["none"]):
            self.fault(one.row.name, "the filter got %r" % stamp)

    # --- planted mistakes ---

    def plant(self, planted):
        """Each row: the row of matrix.tsv, the reader, a pattern, what takes its place, words of the refusal."""
        for number, (name, reader, old, new, words) in enumerate(planted):
            one = self.made.get(name)
            label = "planted mistake %d (%s, %s)" % (number + 1, name, words)
            if not one:
                self.fault(label, "there is no such manifest")
                continue
            text, count = re.subn(old, new.replace("\\n", "\n"), one.text, count=1)
            if not count:
                self.fault(label, "the manifest has no " + old)
                continue
            path = os.path.join(self.keep, "planted-%d%s" % (number + 1, os.path.splitext(one.path)[1]))
            with open(path, "w", encoding="utf-8") as out:
                out.write(text)
            self.expect_refusal(label, one, reader, path, words)

    def expect_refusal(self, label, one, reader, path, words):
        try:
            self.ask_one(one, reader, path)
        except Refused as refusal:
            if words not in str(refusal):
                self.fault(label, "refused with other words: %s" % refusal)
            return
        self.fault(label, "it passed")

    def ask_one(self, one, reader, path):
        if reader in ("crds", "yaml"):
            known = self.readers.set_of(one.row.target if reader == "crds" else "", one.option("--target-version"))
            parse(self.readers.documents([(known, path)])[0])
        elif reader in ("check", "agent"):
            given = parse(self.readers.istio([(reader, path)])[0])
            if reader == "agent" and not isinstance(given[0], dict):
                raise Refused("the agent gives " + given[0])
        elif reader == "apisix":
            check_apisix(parse(self.readers.documents([("yaml", path)])[0]))
        elif reader == "mosn":
            self.readers.check_mosn(path)
        elif reader == "mosn-run":
            self.readers.run_mosn(path, int(one.option("--port")))
        else:
            {"kong": self.readers.check_kong, "envoy": self.readers.check_envoy}[reader](path)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("wasme")
    parser.add_argument("--readers")
    parser.add_argument("--envoy", default="envoy")
    parser.add_argument("--keep")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("names", nargs="*")
    args = parser.parse_intermixed_args()
    rows = [Row(*cells) for cells in read_table("matrix.tsv")]
    rows = [row for row in rows if not args.names or row.name in args.names]
    if not args.quick and not (args.readers and shutil.which(args.envoy)):
        sys.exit("run.py: --readers is missing, or there is no Envoy: --quick asks no reader")
    with tempfile.TemporaryDirectory() as folder, Fixture(os.path.abspath(args.wasme), folder) as fixture:
        keep = os.path.abspath(args.keep) if args.keep else os.path.join(folder, "manifests")
        os.makedirs(keep, exist_ok=True)
        readers = None if args.quick else Readers(os.path.abspath(args.readers), shutil.which(args.envoy))
        check = Check(fixture, readers, keep)
        for row in rows:
            check.run_row(row)
        planted = [cells for cells in read_table("planted.tsv") if not args.names or cells[0] in check.made]
        if readers:
            check.ask_api_server()
            check.ask_istio()
            check.ask_others()
            check.plant(planted)
            for reader, count in sorted(check.asked.items()):
                print("%4d manifests: %s" % (count, reader))
            print("%4d planted mistakes" % len(planted))
    print("%d accepted, %d refused, %d faults" % (check.accepted, check.refused, len(check.faults)))
    sys.exit(1 if check.faults else 0)


if __name__ == "__main__":
    main()
