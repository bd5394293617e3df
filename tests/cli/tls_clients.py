"""Clients of a server of TLS that do not behave as usual.

    tls_clients.py WHAT PORT CA [ARGUMENT...]

WHAT is one of the functions at the end. A failed expectation is an exception.
"""
import hashlib
import os
import signal
import socket
import ssl
import sys
import threading
import time

WAIT = 60
PORT, CA = int(sys.argv[2]), sys.argv[3]


def plain(receive_buffer=None):
    sock = socket.socket()
    if receive_buffer:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    sock.settimeout(WAIT)
    sock.connect(("127.0.0.1", PORT))
    return sock


def context():
    made = ssl.create_default_context(cafile=CA)
    made.set_alpn_protocols(["http/1.1"])
    return made


def secure(made=None, **more):
    # An end without close_notify is an error.
    return (made or context()).wrap_socket(plain(**more), server_hostname="localhost",
                                           suppress_ragged_eofs=False)


def request(path, *fields):
    return "\r\n".join(["GET /%s HTTP/1.1" % path, "Host: localhost", *fields, "", ""]).encode()


def read_all(sock, pause=0, slow_s=0):
    end = time.monotonic() + slow_s
    got = bytearray()
    while True:
        piece = sock.recv(65536)
        if not piece:
            return bytes(got)
        got += piece
        if time.monotonic() < end:
            time.sleep(pause)


def read_response(sock):
    got = b""
    while b"\r\n\r\n" not in got:
        piece = sock.recv(65536)
        assert piece, "the server ended the connection"
        got += piece
    head, body = got.split(b"\r\n\r\n", 1)
    fields = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:])
    length = int(fields[b"content-length"])
    while len(body) < length:
        piece = sock.recv(65536)
        assert piece, "the server ended the connection"
        body += piece
    assert len(body) == length, "more bytes than one response"
    return head.split(b" ")[1].decode(), body


def client_hello():
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    half = context().wrap_bio(incoming, outgoing, server_hostname="localhost")
    try:
        half.do_handshake()
    except ssl.SSLWantReadError:
        pass
    return outgoing.read()


def is_closed(sock):
    try:
        while sock.recv(65536):
            pass
    except ConnectionResetError:
        pass
    return True


def trickle(sock, data, limit_s):
    """Sends a byte now and then; returns whether the server ended that in time."""
    sock.settimeout(0.3)
    end = time.monotonic() + limit_s
    for at in range(len(data)):
        if time.monotonic() > end:
            return False
        try:
            sock.sendall(data[at:at + 1])
            if not sock.recv(65536):
                return True
        except (TimeoutError, ssl.SSLWantReadError):
            continue
        except (ConnectionError, ssl.SSLError):
            return True
    return False


def half_a_hello():
    sock = plain()
    sock.sendall(client_hello()[:50])
    began = time.monotonic()
    assert is_closed(sock)
    assert time.monotonic() - began < 40, "an idle connection's time is not the handshake's"


def trickled_hello():
    assert trickle(plain(), client_hello(), 40), "the handshake has no deadline"


def trickled_header():
    sock = secure()
    sock.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n")
    sock.settimeout(0.3)
    end, got = time.monotonic() + 40, b""
    while time.monotonic() < end:
        try:
            sock.sendall(b"x")
            piece = sock.recv(65536)
            if not piece:
                break
            got += piece
        except (TimeoutError, ssl.SSLWantReadError):
            continue
        except (ConnectionError, ssl.SSLError):
            break
    assert got.startswith(b"HTTP/1.1 408 "), got


def reader_that_stops():
    sock = secure(receive_buffer=4096)
    sock.sendall(request("large"))
    time.sleep(70)
    try:
        got = len(read_all(sock))
    except (ConnectionError, ssl.SSLError):
        return
    raise AssertionError("all of %d bytes came, in order" % got)


def reader_that_is_slow():
    sock = secure(receive_buffer=65536)
    sock.sendall(request("large", "Connection: close"))
    body = read_all(sock, 0.5, 45).split(b"\r\n\r\n", 1)[1]
    with open("site/large", "rb") as file:
        assert hashlib.sha256(body).digest() == hashlib.sha256(file.read()).digest()


def in_threads(*functions):
    failures = []

    def call(function):
        try:
            function()
        except BaseException as failure:  # also SystemExit
            failures.append("%s: %r" % (function.__name__, failure))

    threads = [threading.Thread(target=call, args=(function,)) for function in functions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        sys.exit("\n".join(failures))


# --- The tests ---


def slow():
    in_threads(half_a_hello, trickled_hello, trickled_header, reader_that_stops,
               reader_that_is_slow)


def keep_alive():
    sock = secure()
    for _ in range(50):
        sock.sendall(request("small"))
        status, body = read_response(sock)
        assert status == "200" and len(body) == 3000
    # Pipelined, in records that know nothing of requests.
    many = request("small") * 99 + request("small", "Connection: close")
    for at in range(0, len(many), 1000):
        sock.sendall(many[at:at + 1000])
    assert read_all(sock).count(b"HTTP/1.1 200 OK\r\n") == 100


def one_byte_records():
    sock = secure()
    for byte in request("small", "Connection: close"):
        sock.sendall(bytes([byte]))
    assert read_all(sock).startswith(b"HTTP/1.1 200 OK\r\n")


def half_closed():
    sock = secure()
    sock.sendall(request("large", "Connection: close"))
    sock.shutdown(socket.SHUT_WR)
    assert len(read_all(sock)) > os.path.getsize("site/large")


def truncated():
    """The file shrinks while it is sent: the client sees that bytes are missing."""
    sock = secure(receive_buffer=65536)
    sock.sendall(request("shrinking", "Connection: close"))
    sock.recv(1000)
    os.truncate("site/shrinking", 1000)
    try:
        got = len(read_all(sock))
    except ssl.SSLEOFError:
        return
    raise AssertionError("%d bytes, and an end in order" % got)


def ends_in_order():
    sock = secure()
    sock.sendall(request("small", "Connection: close"))
    assert read_all(sock).startswith(b"HTTP/1.1 200 OK\r\n")


def idle_at_stop():
    """A connection without a request ends in order when the server stops."""
    sock = secure()
    sock.sendall(request("small"))
    read_response(sock)
    os.kill(int(sys.argv[4]), signal.SIGTERM)
    assert read_all(sock) == b""


def garbage():
    for data in (b"\0" * 300, b"\x16\x03\x01\xff\xff" + b"a" * 70000, os.urandom(500),
                 client_hello() + os.urandom(500), b"\x16\x03\x01\0\0" * 100, b"\x15\x03\x01\0\2\2\0"):
        sock = plain()
        try:
            sock.sendall(data)
            sock.shutdown(socket.SHUT_WR)
        except OSError:
            pass
        assert is_closed(sock)
    sock = secure()
    raw = socket.socket(fileno=os.dup(sock.fileno()))
    raw.sendall(b"\x17\x03\x03\0\x20" + os.urandom(32))
    raw.settimeout(WAIT)
    assert is_closed(raw)


def resumption():
    """By tickets of TLS 1.2, again and again."""
    made = context()
    made.maximum_version = ssl.TLSVersion.TLSv1_2
    first = secure(made)
    session = first.session
    first.sendall(request("small"))
    read_response(first)
    reused = 0
    for _ in range(20):
        sock = made.wrap_socket(plain(), server_hostname="localhost", session=session)
        reused += sock.session_reused
        sock.sendall(request("small"))
        assert read_response(sock)[0] == "200"
    assert reused == 20, reused


def under_load():
    """Requests without a pause until the file "done" is there; ARGUMENT: a file for the issuers."""
    seen = set()

    def client():
        while not os.path.exists("done"):
            made = ssl.create_default_context(cafile=CA)
            sock = made.wrap_socket(plain(), server_hostname="localhost")
            seen.add(dict(part[0] for part in sock.getpeercert()["subject"])["commonName"])
            for _ in range(5):
                sock.sendall(request("small"))
                status, body = read_response(sock)
                assert status == "200" and len(body) == 3000

    in_threads(*[client] * 4)
    with open(sys.argv[4], "w", encoding="ascii") as file:
        file.write("".join(name + "\n" for name in sorted(seen)))


globals()[sys.argv[1]]()
