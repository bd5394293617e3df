#!/usr/bin/env python3
"""Asks for one URL over and over until a file exists: many_requests.py URL DIGEST STOP [--keep]

Each request has a connection of its own; with --keep, a connection is used as long as the server
keeps it. Prints how many requests there were and how many failed, and the first failure. The body
must have the SHA-256 of DIGEST.
"""
import hashlib
import http.client
import os
import sys
import threading
import urllib.parse

url, digest, stop = sys.argv[1:4]
keep = "--keep" in sys.argv
parts = urllib.parse.urlsplit(url)
lock = threading.Lock()
asked = 0
failures = []


def ask(connection):
    connection.request("GET", parts.path)
    response = connection.getresponse()
    body = response.read()
    if response.status != 200 or hashlib.sha256(body).hexdigest() != digest:
        raise ValueError(f"status {response.status}, {len(body)} bytes")
    return response.will_close


def work():
    global asked
    connection = None
    while not os.path.exists(stop):
        try:
            if not connection:
                connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=20)
            if ask(connection) or not keep:
                connection.close()
                connection = None
        except (OSError, ValueError, http.client.HTTPException) as problem:
            connection = None
            with lock:
                failures.append(repr(problem))
        with lock:
            asked += 1


threads = [threading.Thread(target=work) for _ in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(asked, len(failures), *failures[:1])
