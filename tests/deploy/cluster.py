#!/usr/bin/env python3
"""`wasme deploy --apply` and `wasme undeploy --apply` with a real API server of Kubernetes and a real kubectl.

    cluster.py WASME --readers FOLDER

FOLDER is what build.sh has filled: kube-apiserver and kubectl of today, and Debian's etcd and older kubectl below debian/.
Every manifest that matrix.tsv has for Kubernetes is applied, read back, applied again and removed, by --apply and by the
command that wasme names for that; what is planted with words of the API server has to be refused by it. Fails when an
object is not there, is another one, or stays.
"""
import argparse
import json
import os
import re
import shlex
import signal
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

from fixture import Fixture
from readers import free_port
from run import Row, holds, as_json, read_table

TARGETS = ("istio", "envoy-gateway", "higress", "gloo")
SETS = {"istio": "istio-1.32", "envoy-gateway": "envoy-gateway-1.9", "higress": "higress", "gloo": "gloo"}
NAMESPACES = ("shop", "bank", "edge", "gw", "gl", "5678", "higress-system", "gloo-system")


class Cluster:
    """etcd and the API server, on free ports, with the definitions of all targets. Usable in `with`."""

    def __init__(self, readers, folder):
        self.readers, self.folder = readers, folder
        self.etcd, self.api, self.peer = free_port(), free_port(), free_port()
        self.kubectl = os.path.join(readers, "kubectl")
        self.config = os.path.join(folder, "kubeconfig")
        self.processes = []

    def start(self, *words):
        with open(os.path.join(self.folder, os.path.basename(words[0]) + ".log"), "w", encoding="utf-8") as log:
            self.processes.append(subprocess.Popen(words, stdout=log, stderr=subprocess.STDOUT, cwd=self.folder))

    def start_etcd(self):
        client, peer = ("http://127.0.0.1:%d" % port for port in (self.etcd, self.peer))
        self.start(os.path.join(self.readers, "debian/usr/bin/etcd"), "--data-dir", "etcd",
                   "--listen-client-urls", client, "--advertise-client-urls", client, "--listen-peer-urls", peer,
                   "--initial-advertise-peer-urls", peer, "--initial-cluster", "default=" + peer)

    def start_server(self):
        subprocess.run(["openssl", "genrsa", "-out", "key", "2048"], cwd=self.folder, check=True,
                       stderr=subprocess.DEVNULL)
        token = os.urandom(16).hex()
        with open(os.path.join(self.folder, "tokens"), "w", encoding="utf-8") as out:
            out.write("%s,admin,1,system:masters\n" % token)
        self.start(os.path.join(self.readers, "kube-apiserver"), "--etcd-servers", "http://127.0.0.1:%d" % self.etcd,
                   "--bind-address", "127.0.0.1", "--secure-port", str(self.api), "--cert-dir", "certs",
                   "--service-account-issuer", "https://localhost", "--service-account-key-file", "key",
                   "--service-account-signing-key-file", "key", "--token-auth-file", "tokens",
                   "--authorization-mode", "RBAC", "--disable-admission-plugins", "ServiceAccount",
                   "--service-cluster-ip-range", "10.0.0.0/24")
        with open(self.config, "w", encoding="utf-8") as out:
            json.dump({"apiVersion": "v1", "kind": "Config", "current-context": "x", "clusters": [
                {"name": "c", "cluster": {"server": "https://127.0.0.1:%d" % self.api,
                                          "certificate-authority": self.folder + "/certs/apiserver.crt"}}],
                       "users": [{"name": "u", "user": {"token": token}}],
                       "contexts": [{"name": "x", "context": {"cluster": "c", "user": "u"}}]}, out)
        self.wait(token)

    def wait(self, token):
        request = urllib.request.Request("https://127.0.0.1:%d/readyz" % self.api,
                                         headers={"Authorization": "Bearer " + token})
        for _ in range(600):
            try:
                with urllib.request.urlopen(request, context=ssl._create_unverified_context(), timeout=10):
                    return
            except (OSError, urllib.error.HTTPError):
                time.sleep(0.2)
            if any(process.poll() is not None for process in self.processes):
                break
        self.stop()
        sys.exit("the API server did not start: see its log in " + self.folder)

    def run(self, *words, program=None, given=None):
        return subprocess.run([program or self.kubectl, *words], input=given, text=True, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, env=dict(os.environ, KUBECONFIG=self.config, HOME=self.folder),
                              check=False, timeout=120)

    def must(self, *words):
        done = self.run(*words)
        if done.returncode:
            sys.exit("kubectl %s: %s" % (" ".join(words), done.stderr))

    def __enter__(self):
        try:
            self.start_etcd()
            self.start_server()
            for name in NAMESPACES:
                self.must("create", "namespace", name)
            self.define()
        except BaseException:
            self.stop()
            raise
        return self

    def define(self):
        """Makes the kinds of all targets known together: Istio and Higress both have a `wasmplugin`, and Istio and Gloo
        a `gateway`, so that a command with a short name would meet the wrong one."""
        for target in TARGETS:
            self.must("create", "-f", os.path.join(self.readers, "sets", SETS[target]))
        for _ in range(20):  # a definition without a status yet ends kubectl's wait
            if self.run("wait", "--for", "condition=established", "--timeout=60s", "crd", "--all").returncode == 0:
                return
            time.sleep(0.5)
        sys.exit("the definitions are not established")

    def stop(self):
        for process in reversed(self.processes):
            process.send_signal(signal.SIGKILL)
            process.wait()

    def __exit__(self, *_):
        self.stop()


class Check:
    def __init__(self, fixture, cluster):
        self.fixture, self.cluster = fixture, cluster
        self.faults, self.applied, self.removed, self.refused = [], 0, 0, 0

    def fault(self, name, words):
        self.faults.append("%s: %s" % (name, words))
        print("FAULT %s: %s" % (name, words), flush=True)

    def objects(self, target):
        """{(kind, namespace, name): spec} of all that is there of the target's kinds."""
        kinds = {"istio": "wasmplugins.extensions.istio.io,trafficextensions.extensions.istio.io,"
                          "envoyfilters.networking.istio.io",
                 "envoy-gateway": "envoyextensionpolicies.gateway.envoyproxy.io",
                 "higress": "wasmplugins.extensions.higress.io", "gloo": "gateways.gateway.solo.io"}[target]
        done = self.cluster.run("get", kinds, "-A", "-o", "json")
        if done.returncode:
            sys.exit(done.stderr)
        return {(one["apiVersion"] + " " + one["kind"], one["metadata"]["namespace"], one["metadata"]["name"]): one["spec"]
                for one in json.loads(done.stdout)["items"]}

    def run_wasme(self, row, kubectl, command, words):
        env = dict(self.fixture.env, KUBECONFIG=self.cluster.config,
                   PATH=os.path.dirname(kubectl) + ":" + os.environ["PATH"])
        done = subprocess.run([self.fixture.wasme, command, row.target, *words, "--apply"], env=env, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, check=False,
                              timeout=120)
        if done.returncode:
            self.fault(row.name, "%s --apply: %s" % (command, done.stderr.strip()))
        return done

    def check_row(self, row, kubectl, by_sentence):
        words = shlex.split(re.sub(r"\{(\w+)\}", lambda found: self.fixture.words[found[1]], row.words))
        done = self.run_wasme(row, kubectl, "deploy", words)
        there = self.objects(row.target)
        count = max(1, len(re.findall(r"^kind: ", done.stdout, re.M)))
        if len(there) != count:
            self.fault(row.name, "%d objects are there, and not %d" % (len(there), count))
            return
        self.applied += count
        config = words[words.index("--config") + 1] if "--config" in words else None
        if config and not config.startswith("@"):
            for name, spec in there.items():
                if not holds(spec, as_json(config)) and not holds(spec, config):
                    self.fault(row.name, "%s has another configuration" % (name,))
        again = self.run_wasme(row, kubectl, "deploy", words)
        said = re.findall(r"^\S+ (?:unchanged|configured|serverside-applied)$", again.stderr, re.M)
        if len(said) != count or self.objects(row.target) != there:
            self.fault(row.name, "applied again: " + again.stderr)
        self.remove(row, kubectl, words, by_sentence and again.stderr)
        left = self.objects(row.target)
        if left:
            self.fault(row.name, "it stays: %s" % list(left))
            for kind, namespace, name in left:
                group, plural = kind.split("/")[0], kind.split()[-1].lower()
                self.cluster.run("delete", "%s.%s" % (plural, group), name, "-n", namespace)
        self.removed += count - len(left)

    def remove(self, row, kubectl, words, said):
        """By `wasme undeploy`, or by the command that deploy has named."""
        if not said:
            options = [word for name in ("--kind", "--name", "--id", "--namespace", "--namespaces") if name in words
                       for word in (name, words[words.index(name) + 1])]
            options += ["--enterprise"] if "--enterprise" in words else []
            self.run_wasme(row, kubectl, "undeploy", [words[0], *options])
            return
        found = re.search(r'to undo: (kubectl [^"]*)"', said)
        if not found:
            self.fault(row.name, "no command to undo: " + said)
            return
        done = self.cluster.run(*shlex.split(found[1])[1:], program=kubectl)
        if done.returncode:
            self.fault(row.name, "%s: %s" % (found[1], done.stderr.strip()))

    def check_no_namespace(self):
        """What the API server refuses is an error of wasme's."""
        env = dict(self.fixture.env, KUBECONFIG=self.cluster.config,
                   PATH=os.path.dirname(self.cluster.kubectl) + ":" + os.environ["PATH"])
        done = subprocess.run([self.fixture.wasme, "deploy", "istio", self.fixture.words["ref"], "--namespace", "none",
                               "--apply"], env=env, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              stdin=subprocess.DEVNULL, check=False, timeout=120)
        if done.returncode != 1 or 'namespaces "none" not found' not in done.stderr:
            self.fault("no namespace", "status %d: %s" % (done.returncode, done.stderr))

    def check_planted(self, rows, planted):
        for name, reader, old, new, words in planted:
            row = rows.get(name)
            if reader != "crds" or not row or "--target-version" in row.words:
                continue
            given = shlex.split(re.sub(r"\{(\w+)\}", lambda found: self.fixture.words[found[1]], row.words))
            text = self.fixture.run("deploy", row.target, *given).stdout
            bad = re.sub(old, new.replace("\\n", "\n"), text, count=1)
            done = self.cluster.run("create", "--dry-run=server", "--validate=strict", "-f", "-", given=bad)
            self.refused += done.returncode != 0
            if not done.returncode:
                self.fault(name, "the API server takes a planted mistake: " + words)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("wasme")
    parser.add_argument("--readers", required=True)
    args = parser.parse_args()
    readers = os.path.abspath(args.readers)
    rows = [Row(*cells) for cells in read_table("matrix.tsv")]
    rows = [row for row in rows if row.target in TARGETS and row.expected == "accepted"]
    old = os.path.join(readers, "debian/usr/bin/kubectl")
    with tempfile.TemporaryDirectory() as folder, Fixture(os.path.abspath(args.wasme), folder) as fixture, \
            Cluster(readers, folder) as cluster:
        check = Check(fixture, cluster)
        planted = read_table("planted.tsv")
        for target in TARGETS:
            chosen = [row for row in rows if row.target == target]
            for number, row in enumerate(chosen):
                several = "--namespaces" in row.words  # the command to undo names one of them
                check.check_row(row, cluster.kubectl if number % 4 else old, number % 2 and not several)
            if target == "istio":
                check.check_no_namespace()
            check.check_planted({row.name: row for row in chosen}, planted)
        print("%d objects applied, %d removed, %d planted mistakes refused, %d faults" % (
            check.applied, check.removed, check.refused, len(check.faults)))
    sys.exit(1 if check.faults else 0)


if __name__ == "__main__":
    main()
