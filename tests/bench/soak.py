#!/usr/bin/env python3
"""Asks `wasme serve` a million times, and checks the digest of every body.

soak.py --wasme PROGRAM [--requests N] [--seed N]

Two servers on the loopback, one for a store and one for a folder, get requests of all kinds at the same time: on
connections that stay and that do not, pipelined, conditional, for ranges, malformed, by clients that send slowly, read
slowly, or reset the connection. Meanwhile images are built, tagged and removed, and files replaced. A body that came
whole must have the digest that it was asked for; the memory of the servers must stay as it was after a tenth of the
requests, and no descriptor may be left. Everything is bounded by the number of requests.
"""

import argparse
import hashlib
import multiprocessing
import os
import random
import re
import select
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
STABLE, MOVING, FILES = 24, 12, 16
TIMEOUT = 60


def sha(data):
    return hashlib.sha256(data).hexdigest()


class Fault(Exception):
    pass


class Cut(Exception):
    """The server ended a body before its end, as it does when the file may have changed."""


def expect(holds, *what):
    if not holds:
        raise Fault(" ".join(map(str, what)))


# --- What is served ---


def module(rng, size):
    """A filter of about this size: the base module and a custom section of random bytes."""
    content = b"\x04soak" + rng.randbytes(size)
    length, number = len(content), b""
    while True:
        length, low = length >> 7, length & 0x7F
        number += bytes([low | (0x80 if length else 0)])
        if not length:
            return module.base + b"\0" + number + content


def file_with_digest(rng, size):
    """The last 64 bytes are the digest of the others."""
    content = rng.randbytes(size)
    return content + sha(content).encode()


def some_size(rng):
    return rng.choice((100, 1000, 1000, 4000, 20000, 300000 if rng.random() < 0.2 else 2000))


class Site:
    """The folder and the store, and the program that changes them."""

    def __init__(self, wasme, scratch):
        self.wasme, self.scratch = wasme, scratch
        self.folder = os.path.join(scratch, "site")
        self.store = os.path.join(scratch, "store")
        os.mkdir(self.folder)
        base = os.path.join(scratch, "base.wasm")
        subprocess.run([sys.executable, HERE + "/../cli/make_module.py", base, "export proxy_abi_version_0_2_1 :",
                        "export proxy_on_vm_start ii:i", "memory 2"], check=True)
        with open(base, "rb") as stream:
            module.base = stream.read()
        self.digests = {}

    def run(self, *words):
        return subprocess.run([self.wasme, *words, "--store", self.store], stdout=subprocess.DEVNULL,
                              stderr=subprocess.PIPE, timeout=TIMEOUT, check=False)

    def build(self, rng, name, size):
        data = module(rng, size)
        path = os.path.join(self.scratch, "new-%d.wasm" % os.getpid())
        with open(path, "wb") as stream:
            stream.write(data)
        done = self.run("build", "precompiled", path, "--tag", name)
        expect(done.returncode == 0, "build", name, done.stderr.decode())
        return sha(data)

    def put_file(self, rng, number):
        path = os.path.join(self.folder, "f%d" % number)
        with open(path + ".new", "wb") as stream:
            stream.write(file_with_digest(rng, some_size(rng)))
        os.rename(path + ".new", path)

    def fill(self, rng):
        for i in range(STABLE):
            name = "soak.example/stable/%d:v1" % i
            self.digests[name] = self.build(rng, name, 400000 if i == 0 else some_size(rng))
        for i in range(FILES):
            self.put_file(rng, i)

    def change(self, rng):
        """Changes one thing."""
        name = "soak.example/moving/%d:v1" % rng.randrange(MOVING)
        kind = rng.randrange(6)
        if kind == 0:
            self.build(rng, name, some_size(rng))
        elif kind == 1:
            self.run("tag", "soak.example/stable/%d:v1" % rng.randrange(STABLE), name)
        elif kind == 2:
            self.run("rm", name)
        else:
            self.put_file(rng, rng.randrange(FILES))


class Served:
    """One `wasme serve`."""

    def __init__(self, wasme, *words):
        self.log = tempfile.TemporaryFile()
        self.process = subprocess.Popen([wasme, "serve", "-q", "-p", "0", "--bind", "127.0.0.1", *words],
                                        stdout=subprocess.PIPE, stderr=self.log)
        self.port = 0
        while not self.port:
            line = self.process.stdout.readline()
            expect(line, "serve did not start")
            found = re.search(rb"http://127\.0\.0\.1:(\d+)", line)
            self.port = int(found[1]) if found else 0

    def memory(self):
        with open("/proc/%d/status" % self.process.pid) as stream:
            return int(re.search(r"VmRSS:\s+(\d+)", stream.read())[1])

    def descriptors(self):
        return len(os.listdir("/proc/%d/fd" % self.process.pid))

    def is_sanitized(self):
        with open("/proc/%d/maps" % self.process.pid) as stream:
            return "asan" in stream.read()

    def stop(self):
        self.process.terminate()
        expect(self.process.wait(TIMEOUT) == 0, "serve ended with", self.process.returncode)
        self.log.seek(0)
        return self.log.read().decode(errors="replace")


# --- Clients ---


def connect(port, window=0):
    peer = socket.socket()
    if window:
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, window)
    peer.settimeout(TIMEOUT)
    peer.connect(("127.0.0.1", port))
    return peer


def request(path, *fields, method="GET"):
    return ("%s %s HTTP/1.1\r\nHost: soak\r\n" % (method, path) + "".join(f + "\r\n" for f in fields) + "\r\n").encode()


def read_answer(stream, method="GET"):
    """Status, fields and body; status 0 when the connection ended before the answer."""
    line = stream.readline()
    if not line:
        return 0, {}, b""
    status, fields = int(line[9:12]), {}
    while (line := stream.readline()) not in (b"\r\n", b""):
        name, _, value = line.partition(b":")
        fields[name.lower()] = value.strip()
    length = 0 if method == "HEAD" or status == 304 else int(fields.get(b"content-length", b"0"))
    body = stream.read(length)
    if len(body) != length:
        raise Cut(status)
    return status, fields, body


def check_body(what, path, fields, body):
    """The digest of a whole body."""
    etag = fields.get(b"etag", b"").decode().strip('"')
    digest = "sha256:" + sha(body)
    if what == "file":
        expect(sha(body[:-64]).encode() == body[-64:], path, "has another digest")
    elif what == "digest":
        expect(digest == "sha256:" + path[1:], path, "has the digest", digest)
    elif what == "image":
        expect(digest == etag, path, "has the digest", digest, "and the tag", etag)
    elif what == "registry":
        expect(digest == fields[b"docker-content-digest"].decode(), path, "has the digest", digest)
    else:
        expect(body.rstrip().endswith(b"</html>"), path, "is no whole page")


class Client:
    """The requests of one process."""

    def __init__(self, setting, number):
        self.setting, self.counts = setting, {}
        self.rng = random.Random(setting["seed"] * 1000 + number)
        self.bodies = {}

    def count(self, kind, status, by=1):
        key = (kind, status)
        self.counts[key] = self.counts.get(key, 0) + by

    def choose(self):
        """A target: server, kind, path, and whether it is always there."""
        rng, chance = self.rng, self.rng.random()
        stable = rng.choice(self.setting["stable"])
        if chance < 0.35:
            return "folder", "file", "/f%d" % rng.randrange(FILES), True
        if chance < 0.6:
            return "store", "digest", "/" + self.setting["digests"][stable], True
        if chance < 0.8:
            return "store", "image", "/" + stable, True
        if chance < 0.93:
            return "store", "image", "/soak.example/moving/%d:v1" % rng.randrange(MOVING), False
        if chance < 0.97 and self.setting["registry"]:
            return "store", "registry", "/v2/stable/%s/manifests/v1" % stable.split("/")[-1][:-3], True
        if chance < 0.98:
            return rng.choice(("folder", "store")), "page", "/", None
        return "folder", "file", "/nowhere", False

    def steady(self, budget):
        """Pipelined requests on connections that stay for a while; returns how many were sent."""
        server, depth = self.rng.choice(("folder", "store", "store")), self.rng.randint(1, 16)
        port, sent = self.setting["ports"][server], 0
        with connect(port) as peer, peer.makefile("rb", 65536) as stream:
            for _ in range(self.rng.randint(1, 30)):
                batch = [t for t in (self.choose() for _ in range(depth * 2)) if t[0] == server][:depth]
                if not batch or sent >= budget:
                    break
                methods = [self.rng.choice(("GET",) * 9 + ("HEAD",)) for _ in batch]
                peer.sendall(b"".join(request(t[2], method=m) for t, m in zip(batch, methods)))
                for (_, what, path, there), method in zip(batch, methods):
                    status, fields, body = read_answer(stream, method)
                    good = {True: (200,), False: (200, 404), None: (200, 503)}[there]
                    expect(status in good, path, "is", status)
                    if status == 200 and method == "GET":
                        check_body(what, path, fields, body)
                    self.count("steady", status)
                sent += len(batch)
        return sent

    def parts(self, _budget):
        """Ranges and conditions; the digest names the body, so that parts can be compared."""
        digest = self.setting["digests"][self.rng.choice(self.setting["stable"])]
        path = "/" + digest
        with connect(self.setting["ports"]["store"]) as peer, peer.makefile("rb", 65536) as stream:
            if digest not in self.bodies:
                peer.sendall(request(path))
                self.bodies[digest] = read_answer(stream)[2]
                expect(sha(self.bodies[digest]) == digest, path, "has another digest")
            whole = self.bodies[digest]
            for _ in range(8):
                first = self.rng.randrange(len(whole))
                last = self.rng.randrange(first, len(whole) + 10)
                peer.sendall(request(path, "Range: bytes=%d-%d" % (first, last)) +
                             request(path, 'If-None-Match: "sha256:%s"' % digest) +
                             request(path, "Range: bytes=%d-" % len(whole)))
                status, _, body = read_answer(stream)
                expect(status == 206 and body == whole[first:last + 1], path, first, last, "is", status, len(body))
                expect(read_answer(stream)[0] == 304, path, "is not 304")
                expect(read_answer(stream)[0] == 416, path, "is not 416")
        self.count("parts", 206, 8)
        self.count("parts", 304, 8)
        self.count("parts", 416, 8)
        return 24

    def resets(self, _budget):
        for _ in range(20):
            server, _, path, _ = self.choose()
            with connect(self.setting["ports"][server]) as peer:
                peer.sendall(request(path)[:None if self.rng.random() < 0.8 else -9])
                if self.rng.random() < 0.5:
                    select.select([peer], [], [], 0.02)
                    peer.setblocking(False)
                    try:
                        peer.recv(self.rng.choice((1, 1000, 100000)))
                    except BlockingIOError:
                        pass
                peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.count("reset", 0, 20)
        return 20

    def malformed(self, _budget):
        for _ in range(10):
            data = bytearray(request("/f1", "X-A: 1", "Content-Length: 0"))
            for _ in range(self.rng.randint(1, 3)):
                data[self.rng.randrange(len(data) - 4)] = self.rng.choice(b"\0\r\n :%\xff/.")
            with connect(self.setting["ports"]["folder"]) as peer, peer.makefile("rb") as stream:
                peer.sendall(bytes(data))
                peer.shutdown(socket.SHUT_WR)
                status = read_answer(stream)[0] if data else 0
            expect(status < 500 or status == 505, bytes(data), "is", status)
            self.count("malformed", status // 100 * 100)
        return 10

    def slow(self, senders):
        """Clients that send, or read, a little at a time, many side by side."""
        crowd, window = [], 0 if senders else 4096
        for _ in range(40):
            server, what, path, there = ("store", "digest", "/" + self.setting["large"], True)
            if senders:
                server, what, path, there = self.choose()
            peer = connect(self.setting["ports"][server], window)
            crowd.append([peer, request(path, "Connection: close"), bytearray(), what, path, there])
        left = list(crowd)
        while left:
            for one in list(left):
                peer, data = one[0], one[1]
                if data:
                    step = 7 if senders else len(data)
                    peer.sendall(data[:step])
                    one[1] = data[step:]
                elif piece := peer.recv(16384):
                    one[2] += piece
                else:
                    left.remove(one)
            time.sleep(0.001)
        for peer, _, answer, what, path, there in crowd:
            peer.close()
            head, _, body = bytes(answer).partition(b"\r\n\r\n")
            status = int(head[9:12])
            expect(status == 200 or there is not True, path, "is", status)
            if status == 200:
                lines = (line.partition(b":") for line in head.split(b"\r\n")[1:])
                fields = {name.lower(): value.strip() for name, _, value in lines}
                if len(body) == int(fields[b"content-length"]):
                    check_body(what, path, fields, body)
                else:
                    self.count("cut", 0)
            self.count("slow sender" if senders else "slow reader", status)
        return len(crowd)

    def work(self, share, progress):
        plans = [(self.steady, 75), (self.parts, 10), (self.resets, 8), (self.malformed, 8),
                 (lambda _: self.slow(True), 0.5), (lambda _: self.slow(False), 0.25)]
        done = 0
        first = [plan for plan, _ in plans[2:]]  # each kind at least once
        while done < share:
            plan = first.pop() if first else self.rng.choices([p for p, _ in plans], [w for _, w in plans])[0]
            try:
                done += plan(share - done)
            except Cut:
                done += 1
                self.count("cut", 0)
            progress.value = done
        expect(self.counts.get(("cut", 0), 0) <= share / 2000 + 1, self.counts.get(("cut", 0)), "bodies were cut")
        return self.counts


def client_main(setting, number, share, progress, results):
    try:
        results.put((Client(setting, number).work(share, progress), None))
    except (Fault, OSError, ValueError, KeyError) as error:
        results.put(({}, "client %d: %s: %s" % (number, type(error).__name__, error)))


def change_main(site, seed, stop, results):
    rng, changes = random.Random(seed), 0
    try:
        while not stop.is_set():
            site.change(rng)
            changes += 1
            time.sleep(0.02)
        results.put(({("change", 0): changes}, None))
    except (Fault, OSError) as error:
        results.put(({}, "changes: %s" % error))


# --- The whole ---


def watch(servers, progress, total, workers):
    """Waits for the clients; returns what the servers used after a tenth of the requests."""
    early = None
    while any(w.is_alive() for w in workers):
        done = sum(p.value for p in progress)
        if early is None and done >= total / 10:
            early = [(s.memory(), done) for s in servers]
        for worker in workers:
            worker.join(0.05)
    return early or [(s.memory(), total) for s in servers]


def compare(servers, early, files):
    faults = []
    for name, server, (before, at), had in zip(("folder", "store"), servers, early, files):
        end = time.monotonic() + 20
        while server.descriptors() > had + 8 and time.monotonic() < end:
            time.sleep(0.1)
        after, left = server.memory(), server.descriptors()
        print("%s: %d kB after %d requests, %d kB at the end; descriptors %d, then %d" %
              (name, before, at, after, had, left))
        if after > before * 1.15 + 2048 and not server.is_sanitized():
            faults.append("the memory of the server of the %s grew" % name)
        if left > had + 8:
            faults.append("the server of the %s keeps %d descriptors" % (name, left))
    return faults


def run(options, scratch):
    rng = random.Random(options.seed)
    site = Site(options.wasme, scratch)
    site.fill(rng)
    servers = [Served(options.wasme, site.folder), Served(options.wasme, "--store", site.store)]
    ports = {"folder": servers[0].port, "store": servers[1].port}
    with connect(ports["store"]) as peer, peer.makefile("rb") as stream:
        peer.sendall(request("/v2/"))
        registry = read_answer(stream)[0] == 200
    setting = {"ports": ports, "digests": site.digests, "stable": sorted(site.digests), "registry": registry,
               "large": site.digests["soak.example/stable/0:v1"], "seed": options.seed}
    files = [s.descriptors() for s in servers]
    count, results, stop = 3, multiprocessing.Queue(), multiprocessing.Event()
    progress = [multiprocessing.Value("l", 0) for _ in range(count)]
    begun = time.monotonic()
    workers = [multiprocessing.Process(target=client_main, args=(setting, i, options.requests // count, progress[i],
                                                                 results)) for i in range(count)]
    changer = multiprocessing.Process(target=change_main, args=(site, options.seed, stop, results))
    for process in [*workers, changer]:
        process.start()
    early = watch(servers, progress, options.requests, workers)
    stop.set()
    changer.join()
    took = time.monotonic() - begun
    counts, faults = {}, []
    for _ in range(count + 1):
        part, fault = results.get(timeout=TIMEOUT)
        faults += [fault] if fault else []
        for key, number in part.items():
            counts[key] = counts.get(key, 0) + number
    faults += compare(servers, early, files)
    for (kind, status), number in sorted(counts.items()):
        print("%-12s %3s %9d" % (kind, status or "", number))
    total = sum(n for (kind, _), n in counts.items() if kind != "change")
    print("%d requests in %.0f s; the digests of all whole bodies are right" % (total, took) if not faults else "FAILED")
    for server in servers:
        sys.stdout.write("".join(server.stop().splitlines(True)[:20]))
    for fault in faults:
        print("fault:", fault)
    return 1 if faults else 0


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--wasme", required=True)
    parser.add_argument("--requests", type=int, default=1000000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    options.wasme = os.path.abspath(options.wasme)
    scratch = tempfile.mkdtemp(prefix="wasme-soak-")
    try:
        return run(options, scratch)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
