"""What the rows of matrix.tsv are about: a module for Envoy and one for MOSN, an image of the first in a store and in a
registry, and addresses of both, served by `wasme serve`."""
import hashlib
import os
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, ".."))
from serving import Served

FILTER = os.path.join(HERE, "..", "..", "examples", "add-header.wasm")
IMAGE = "harbor.example/base/filter:v1"


def write(folder, name, data):
    with open(os.path.join(folder, name), "wb") as out:
        out.write(data)


def compile_c(source, to):
    subprocess.run(["clang", "-O2", "--target=wasm32", "-nostdlib", "-Wl,--no-entry", "-o", to, source], check=True)


class Fixture:
    """Usable in `with`. `words` has the placeholders of the table."""

    def __init__(self, wasme, folder):
        self.wasme, self.folder = wasme, folder
        self.env = dict(os.environ, HOME=folder, XDG_RUNTIME_DIR=folder, XDG_CACHE_HOME=folder)
        self.env.pop("KUBECONFIG", None)
        self.file = os.path.join(folder, "stamp.wasm")
        self.mosn = os.path.join(folder, "mosn.wasm")
        shutil.copyfile(FILTER, self.file)
        self.calls = os.path.join(folder, "calls.wasm")
        compile_c(os.path.join(HERE, "..", "..", "examples", "stamp-mosn.c"), self.mosn)
        compile_c(os.path.join(HERE, "..", "filters", "mosn-calls", "filter.c"), self.calls)
        write(folder, "config.json", b'{"header": "x-stamp", "lines": "a\\nb"}\n')
        write(folder, "config.txt", b"first line\n  second: line\n\n- third\n")
        write(folder, "large.json", b'{"a": "%s"}' % (b"x" * 300000))
        write(folder, "nul.txt", b"a\0b")
        with open(self.file, "rb") as module:
            self.sha256 = hashlib.sha256(module.read()).hexdigest()

    def run(self, *words):
        return subprocess.run([self.wasme, *words], env=self.env, cwd=self.folder, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, errors="replace", timeout=120)

    def make_starter(self):
        """The filter that `wasme init --platform mosn` begins with, built by the words of its README.md."""
        made = self.run("init", "starter", "--language", "c", "--platform", "mosn")
        with open(os.path.join(self.folder, "starter", "README.md"), encoding="utf-8") as readme:
            words = next(line for line in readme if line.startswith("    wasme build ")).split()[1:]
        words[words.index(".")] = "starter"
        built = self.run(*words)
        if made.returncode or built.returncode:
            sys.exit(made.stderr + built.stderr)

    def __enter__(self):
        built = self.run("build", "precompiled", self.file, "-t", IMAGE)
        if built.returncode:
            sys.exit(built.stderr)
        logs = [os.path.join(self.folder, name) for name in ("registry.log", "files.log")]
        self.make_starter()
        self.registry = Served(self.wasme, self.env, logs[0])
        self.files = Served(self.wasme, self.env, logs[1], self.file)
        self.words = {
            "ref": "127.0.0.1:%d/base/filter:v1" % self.registry.port, "stored": "store:" + IMAGE, "file": self.file,
            "url": "http://127.0.0.1:%d/filter.wasm" % self.files.port, "mosn": self.mosn, "calls": self.calls,
            "starter": "store:starter:v1", "folder": self.folder}
        return self

    def __exit__(self, *_):
        self.registry.stop()
        self.files.stop()
