"""Who reads the manifests: programs that build.sh has made of the readers' own code, and rules that are written here
for APISIX, whose own schema is part of no package."""
import json
import os
import socket
import subprocess
import time
import urllib.error
import urllib.request

SETS = {"istio": "istio", "envoy-gateway": "envoy-gateway", "higress": "higress", "gloo": "gloo"}


class Refused(Exception):
    """A reader does not take a file; the text is its reason."""


def ask(program, lines):
    """The answers of a program that has one for each line: [text after the line]."""
    done = subprocess.run(program, input="".join(line + "\n" for line in lines), check=True, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True)
    answers = done.stdout.split("\n")[:-1]
    if len(answers) != len(lines):
        raise SystemExit("%s: %d answers to %d lines\n%s" % (program[0], len(answers), len(lines), done.stderr))
    return [answer[len(line) + 1:] for line, answer in zip(lines, answers)]


def parse(answer):
    word, _, rest = answer.partition(" ")
    if word != "ok":
        raise Refused(rest)
    return json.loads(rest) if rest else None


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Readers:
    """`folder` is what build.sh has filled, `envoy` the program."""

    def __init__(self, folder, envoy):
        self.folder, self.envoy = folder, envoy
        self.sets = sorted(os.listdir(os.path.join(folder, "sets")))

    def set_of(self, target, version):
        """What a cluster of that version knows, or of the next older one that is there."""
        if target not in SETS:
            return "yaml"
        def number(text):
            return [int(part) for part in text.split(".")]
        versions = [name[len(target) + 1:] for name in self.sets if name.startswith(target + "-")]
        if not versions:
            return SETS[target]
        old = [one for one in versions if not version or number(one) <= number(version)]
        return target + "-" + max(old or versions, key=number)

    def documents(self, pairs):
        """[(set, path)] -> the answers of the API server's code."""
        used = {name for name, _ in pairs}
        known = ["%s=%s" % (name, os.path.join(self.folder, "sets", name)) for name in self.sets if name in used]
        return ask([os.path.join(self.folder, "crds"), *known], ["%s\t%s" % pair for pair in pairs])

    def istio(self, pairs):
        """[("check" or "agent", path)] -> the answers of Istio's code."""
        return ask([os.path.join(self.folder, "istio")], ["%s\t%s" % pair for pair in pairs])

    def check_kong(self, path):
        parse(ask([os.path.join(self.folder, "kong")], [path])[0])

    def check_envoy(self, path):
        """Envoy loads and starts the module when that is a file."""
        done = subprocess.run([self.envoy, "--mode", "validate", "-c", path, "-l", "warning", "--use-dynamic-base-id"],
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=120)
        if done.returncode:
            raise Refused(" ".join(done.stdout.split())[-800:])

    def check_mosn(self, path):
        done = subprocess.run([os.path.join(self.folder, "mosn"), "--check", path], stderr=subprocess.PIPE, text=True,
                              stdout=subprocess.DEVNULL)
        if done.returncode:
            raise Refused(done.stderr.strip().splitlines()[-1])

    def run_mosn(self, path, port):
        """What the header x-stamp, or x-wasme, of an answer has that passed MOSN with the filter."""
        log = path + ".log"
        with open(log, "w", encoding="utf-8") as out:
            mosn = subprocess.Popen([os.path.join(self.folder, "mosn"), path], stdout=out, stderr=subprocess.STDOUT,
                                    cwd=os.path.dirname(path))
        try:
            for _ in range(100):
                try:
                    with urllib.request.urlopen("http://127.0.0.1:%d/" % port, timeout=10) as answer:
                        headers = answer.headers
                except urllib.error.HTTPError as error:
                    headers = error.headers
                except OSError:
                    if mosn.poll() is not None:
                        break
                    time.sleep(0.1)
                    continue
                stamp = headers.get("x-stamp") or headers.get("x-wasme")
                if stamp is None:
                    break
                return stamp
        finally:
            mosn.kill()
            mosn.wait()
        with open(log, encoding="utf-8", errors="replace") as lines:
            errors = [line.strip() for line in lines if "ERROR" in line or "FATAL" in line or "panic" in line]
        raise Refused("the filter does not run: " + " ".join(errors[:3]))


# apisix/cli/schema.lua, wasm.plugins, and apisix/wasm.lua, the schema of a plugin's attributes in a route.
def check_apisix(documents):
    if not documents:
        raise Refused("no document is there")
    for document in documents:
        extra = set(document) - {"wasm", "routes"}
        if extra:
            raise Refused("unknown: %s" % ", ".join(sorted(extra)))
        if "wasm" in document:
            plugins = document["wasm"].get("plugins")
            if not isinstance(plugins, list) or not plugins:
                raise Refused("wasm.plugins has no element")
            for plugin in plugins:
                check_apisix_plugin(plugin)
        for route in document.get("routes", []):
            check_apisix_route(route)


def check_apisix_plugin(plugin):
    for name, kind in (("name", str), ("file", str), ("priority", int)):
        if not isinstance(plugin.get(name), kind) or plugin[name] == "":
            raise Refused('property "%s" is required, or of another type' % name)
    if plugin.get("http_request_phase", "access") not in ("access", "rewrite"):
        raise Refused("http_request_phase matches none of the enum values")


def check_apisix_route(route):
    if not isinstance(route.get("uri"), str) or not route.get("plugins"):
        raise Refused("a route has an uri and plugins")
    for name, attributes in route["plugins"].items():
        conf = attributes.get("conf")
        if not isinstance(conf, (str, dict)) or not conf:
            raise Refused("%s: conf is a text or an object, and not empty" % name)
    nodes = route.get("upstream", {"nodes": {"127.0.0.1:80": 1}}).get("nodes")
    if not isinstance(nodes, dict) or not all(isinstance(weight, int) for weight in nodes.values()):
        raise Refused("upstream.nodes has weights")
