#!/usr/bin/env python3
"""The table of serve.sh: serve.py WASME LOAD FOLDER NGINX-CONFIG"""

import os
import shutil
import socket
import statistics
import subprocess
import sys
import time
import urllib.request

WASME, LOAD, WORK, CONFIG = sys.argv[1:5]
RUNS = int(os.environ.get("RUNS") or 11)
LASTS = float(os.environ.get("LASTS") or 1)
ONLY = os.environ.get("T") or ""
SITE = os.path.join(WORK, "site")
TICKS = os.sysconf("SC_CLK_TCK")
IDLE = 8000
ONE_LOAD = 64  # connections
children = []


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def wait_for(port):
    for _ in range(2000):
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return
        except OSError:
            time.sleep(0.005)
    sys.exit(f"nobody listens on port {port}")


def start(*command):
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                             stderr=subprocess.DEVNULL)
    children.append(child)
    return child.pid


class Server:
    """A server that runs, the process that works, and the ports."""

    def __init__(self, name, port, pid, tls_port=None):
        self.name, self.port, self.pid, self.tls_port = name, port, pid, tls_port

    def cpu(self):
        with open(f"/proc/{self.pid}/stat", encoding="ascii", errors="replace") as stat:
            fields = stat.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def memory(self):
        """kB of the process alone: its Pss."""
        with open(f"/proc/{self.pid}/smaps_rollup", encoding="ascii") as rollup:
            return next(int(line.split()[1]) for line in rollup if line.startswith("Pss:"))

    def load(self, path, connections, *words):
        """Requests per second, and the server's seconds of CPU for each. For small files over kept
        connections one load generator is enough; elsewhere a generator costs more than a server,
        and two of them share the connections."""
        port = self.tls_port if "tls" in words else self.port
        before = self.cpu()
        shares = [connections] if connections == ONE_LOAD else [connections // 2] * 2
        loads = [subprocess.Popen([LOAD, str(port), path, str(share), str(LASTS), *words],
                                  stdout=subprocess.PIPE) for share in shares]
        rate = count = 0
        for load in loads:
            out = load.communicate()[0].split()
            if load.returncode:
                sys.exit(1)
            rate += int(out[0]) / float(out[1])
            count += int(out[0])
        return rate, (self.cpu() - before) / max(count, 1)


def start_wasme(*words, ready=True):
    port = free_port()
    pid = start(WASME, "serve", *words, "-p", str(port), "--bind", "127.0.0.1", "-q")
    if ready:
        wait_for(port)
    return Server("wasme", port, pid)


def child_of(process):
    while True:
        with open(f"/proc/{process}/task/{process}/children", encoding="ascii") as children_of:
            found = children_of.read().split()
        if found:
            return int(found[0])
        time.sleep(0.005)


def start_nginx():
    port, tls_port = free_port(), free_port()
    config = os.path.join(WORK, "nginx.conf")
    with open(config, "w", encoding="ascii") as out:
        out.write(CONFIG.replace("NGINX_PORT", str(port)).replace("NGINX_TLS_PORT", str(tls_port)))
    master = start(shutil.which("nginx"), "-c", config, "-p", WORK, "-g", "daemon off;")
    wait_for(port)
    return Server("nginx", port, child_of(master), tls_port)


def wanted(name):
    return ONLY in name


def compare(name, ours, theirs, path, connections, *words, their_path=None):
    """Runs that take turns; the ratio of each pair is what counts."""
    if not wanted(name):
        return
    rates, costs, our_runs, their_runs = [], [], [], []
    for _ in range(RUNS):
        theirs_now = theirs.load(their_path or path, connections, *words)
        ours_now = ours.load(path, connections, *words)
        our_runs.append(ours_now)
        their_runs.append(theirs_now)
        rates.append(ours_now[0] / theirs_now[0])
        costs.append(ours_now[1] / max(theirs_now[1], 1e-9))
    show(name, f"{statistics.median(run[0] for run in their_runs):10.0f}",
         f"{statistics.median(run[0] for run in our_runs):10.0f}",
         f"{statistics.median(rates):8.2f}", f"{statistics.median(costs):8.2f}")


def show(name, *cells):
    print(f"{name:34}", *cells, flush=True)


def first_byte(command, port):
    """Milliseconds from the start of a process to the first byte of a response."""
    began = time.perf_counter()
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                             stderr=subprocess.DEVNULL)
    while True:
        client = socket.socket()
        if client.connect_ex(("127.0.0.1", port)) == 0:
            break
        client.close()
    client.sendall(b"GET /1k.wasm HTTP/1.1\r\nHost: x\r\n\r\n")
    client.recv(1)
    took = time.perf_counter() - began
    client.close()
    child.terminate()
    child.wait()
    return took * 1000


def compare_start(config):
    if not wanted("start to first byte"):
        return
    ours, theirs = [], []
    for _ in range(3 * RUNS):
        port = free_port()
        ours.append(first_byte([WASME, "serve", SITE, "-p", str(port), "--bind", "127.0.0.1", "-q"],
                               port))
        port, tls_port = free_port(), free_port()
        with open(config, "w", encoding="ascii") as out:
            out.write(CONFIG.replace("NGINX_PORT", str(port))
                      .replace("NGINX_TLS_PORT", str(tls_port))
                      .replace("nginx.pid", "nginx2.pid"))
        theirs.append(first_byte([shutil.which("nginx"), "-c", config, "-p", WORK, "-g",
                                  "daemon off;"], port))
    show("start to first byte, ms", f"{statistics.median(theirs):10.1f}",
         f"{statistics.median(ours):10.1f}",
         f"{statistics.median(theirs) / statistics.median(ours):8.2f}")


def compare_idle(servers):
    if not wanted("idle"):
        return
    grown = []
    for server in servers:
        before = server.memory()
        holder = subprocess.Popen([LOAD, str(server.port), "-", str(IDLE), "3"],
                                  stdout=subprocess.PIPE)
        holder.stdout.readline()
        time.sleep(0.5)
        grown.append(server.memory() - before)
        holder.wait()
    show(f"{IDLE} idle connections, kB", f"{grown[0]:10d}", f"{grown[1]:10d}",
         f"{grown[0] / max(grown[1], 1):8.2f}")


def main():
    theirs, ours = start_nginx(), start_wasme(SITE)
    show("", f"{'nginx/s':>10}", f"{'wasme/s':>10}", f"{'ratio':>8}", f"{'CPU':>8}")
    compare("1 kB, 64 connections", ours, theirs, "/1k.wasm", 64)
    compare("250 kB, 16 connections", ours, theirs, "/250k.wasm", 16)
    compare("10 MB, 4 connections", ours, theirs, "/10m.wasm", 4)
    compare("1 kB, a connection per request", ours, theirs, "/1k.wasm", 32, "close")
    compare_idle((theirs, start_wasme(SITE)))
    compare_start(os.path.join(WORK, "nginx2.conf"))
    if not ONLY or "store" in ONLY:
        store = start_wasme()
        compare("store of 1,000: a filter", store, theirs, "/filter500:v1", 64,
                their_path="/1k.wasm")
        url = f"http://127.0.0.1:{store.port}/"
        with urllib.request.urlopen(url) as page, open(f"{SITE}/page.html", "wb") as out:
            shutil.copyfileobj(page, out)
        compare("store of 1,000: the page", store, theirs, "/", 16, their_path="/page.html")
    help_text = subprocess.run([WASME, "serve", "--help"], stdout=subprocess.PIPE,
                               check=False).stdout
    if (not ONLY or "TLS" in ONLY) and b"--tls-cert" in help_text:
        secure = start_wasme(SITE, "--tls-cert", os.path.join(WORK, "server.pem"), "--tls-key",
                             os.path.join(WORK, "server.key"))
        secure.tls_port = secure.port
        compare("TLS: 1 kB, 64 connections", secure, theirs, "/1k.wasm", 64, "tls")
        compare("TLS: 250 kB, 16 connections", secure, theirs, "/250k.wasm", 16, "tls")
        compare("TLS: a connection per request", secure, theirs, "/1k.wasm", 8, "close", "tls")


try:
    main()
finally:
    for running in children:
        running.terminate()
