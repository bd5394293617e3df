#!/usr/bin/env python3
"""Malformed requests, and how two servers answer each of them.

malformed.py OURS THEIRS [--table]: sends every request to both ports of 127.0.0.1, each on a connection of its own
with a well-formed request behind it, and compares. Fails when OURS is laxer than THEIRS:
  - THEIRS refuses (4xx, 5xx, or the end of the connection without an answer), and OURS serves (2xx, 3xx), or
  - THEIRS does not go on to the request behind, and OURS goes on after an answer that is not a refusal.
--table prints all answers as a table in Markdown.
"""

import re
import socket
import sys

HOST = b"Host: x\r\n"
MARK = b"GET /mark HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"


def get(*fields, target=b"/file", method=b"GET", version=b"HTTP/1.1", host=HOST):
    return b"%s %s %s\r\n" % (method, target, version) + host + b"".join(f + b"\r\n" for f in fields) + b"\r\n"


def chunked(body, *fields):
    return get(b"Transfer-Encoding: chunked", *fields, method=b"POST") + body


def sized(length, body=b"", *fields):
    return get(b"Content-Length: " + length, *fields, method=b"POST") + body


HIDDEN = b"GET /hidden HTTP/1.1\r\nHost: x\r\n\r\n"

REQUESTS = [
    # The line of the request.
    ("no target", b"GET HTTP/1.1\r\n" + HOST + b"\r\n"),
    ("no version", b"GET /file\r\n" + HOST + b"\r\n"),
    ("nothing but the method", b"GET\r\n\r\n"),
    ("two blanks before the target", get(target=b" /file")),
    ("two blanks after the target", get(target=b"/file ")),
    ("a blank before the method", b" " + get()),
    ("a blank in the target", get(target=b"/fi le")),
    ("a tab in place of the blank", b"GET\t/file\tHTTP/1.1\r\n" + HOST + b"\r\n"),
    ("a tab after the version", get(version=b"HTTP/1.1\t")),
    ("a blank after the version", get(version=b"HTTP/1.1 ")),
    ("a word after the version", get(version=b"HTTP/1.1 x")),
    ("a method in small letters", get(method=b"get")),
    ("a method with a control character", get(method=b"GE\x01T")),
    ("a method with a colon", get(method=b"GET:")),
    ("a method in brackets", get(method=b"(GET)")),
    ("an empty method", get(method=b"")),
    ("an unknown method", get(method=b"FETCH")),
    ("HTTP/2.0", get(version=b"HTTP/2.0")),
    ("HTTP/0.9", get(version=b"HTTP/0.9")),
    ("HTTP/1.10", get(version=b"HTTP/1.10")),
    ("HTTP/01.1", get(version=b"HTTP/01.1")),
    ("HTTP/1", get(version=b"HTTP/1")),
    ("HTTP/1.", get(version=b"HTTP/1.")),
    ("http/1.1", get(version=b"http/1.1")),
    ("HTTPS/1.1", get(version=b"HTTPS/1.1")),
    ("HTTP/+1.1", get(version=b"HTTP/+1.1")),
    ("HTTP 1.1", get(version=b"HTTP 1.1")),
    ("the preface of HTTP/2", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\0\0\0\4\0\0\0\0\0"),
    ("a TLS hello", b"\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03" + b"\xaa" * 60 + b"\r\n\r\n"),
    ("the line of a PROXY protocol", b"PROXY TCP4 10.0.0.1 10.0.0.2 1 2\r\n" + get()),
    ("zero bytes", b"\0\0\0\0\r\n\r\n"),
    ("lines that end in CR alone", get().replace(b"\r\n", b"\r")),
    ("a CR in the line of the request", get(target=b"/file\r")),
    ("a target of 20 kB", get(target=b"/" + b"a" * 20000)),
    ("a method of 20 kB", get(method=b"A" * 20000)),
    # The target.
    ("no slash at the start", get(target=b"file")),
    ("a path that leaves", get(target=b"/../file")),
    ("a path that leaves, encoded", get(target=b"/%2e%2e/file")),
    ("an encoded slash that leaves", get(target=b"/..%2ffile")),
    ("a path that leaves in an absolute target", get(target=b"http://x/../file")),
    ("an encoded NUL", get(target=b"/file%00")),
    ("an encoded NUL before a suffix", get(target=b"/file%00.txt")),
    ("a percent sign alone", get(target=b"/file%")),
    ("a percent sign and one digit", get(target=b"/file%4")),
    ("a percent sign and letters", get(target=b"/%zz")),
    ("a percent sign and u", get(target=b"/%u0066ile")),
    ("a NUL in the target", get(target=b"/fi\0le")),
    ("a control character in the target", get(target=b"/fi\x01le")),
    ("a DEL in the target", get(target=b"/fi\x7fle")),
    ("a fragment that leaves", get(target=b"/file#/../../x")),
    ("another scheme", get(target=b"gopher://x/file")),
    ("a scheme without a host", get(target=b"http:///file")),
    ("a scheme alone", get(target=b"http://")),
    ("a login in the target", get(target=b"http://user@x/file")),
    ("a host with a blank in the target", get(target=b"http://x y/file")),
    ("a star", get(target=b"*")),
    ("CONNECT with a path", get(method=b"CONNECT")),
    ("CONNECT with an address", get(method=b"CONNECT", target=b"x:80")),
    ("an address with GET", get(target=b"x:80")),
    # Host.
    ("no Host", get(host=b"")),
    ("two Hosts", get(b"Host: y")),
    ("two Hosts that are the same", get(b"Host: x")),
    ("an empty Host", get(host=b"Host:\r\n")),
    ("a Host with a blank", get(host=b"Host: x y\r\n")),
    ("a Host with a slash", get(host=b"Host: x/y\r\n")),
    ("a Host with a NUL", get(host=b"Host: x\0y\r\n")),
    ("a Host with a backslash", get(host=b"Host: x\\y\r\n")),
    ("a Host of two dots", get(host=b"Host: ..\r\n")),
    ("a Host that is only a port", get(host=b"Host: :80\r\n")),
    # Fields.
    ("a blank before the colon", get(b"X-A : 1")),
    ("a tab before the colon", get(b"X-A\t: 1")),
    ("a blank before the colon of Content-Length", get(b"Content-Length : 5") + b"abcde"),
    ("a field without a colon", get(b"X-A")),
    ("a field without a name", get(b": 1")),
    ("a folded field", get(b"X-A: 1\r\n 2")),
    ("a folded Transfer-Encoding", get(b"Transfer-Encoding:\r\n chunked") + b"0\r\n\r\n"),
    ("a field that begins with a blank", get(b" X-A: 1")),
    ("a first field that begins with a blank", get(host=b" Host: x\r\n")),
    ("a NUL in a name", get(b"X\0A: 1")),
    ("a NUL in a value", get(b"X-A: a\0b")),
    ("a control character in a name", get(b"X\x01A: 1")),
    ("a control character in a value", get(b"X-A: a\x01b")),
    ("a DEL in a value", get(b"X-A: a\x7fb")),
    ("a CR in a value", get(b"X-A: a\rb")),
    ("a CR before CR LF", get(b"X-A: a\r")),
    ("brackets in a name", get(b"X(A): 1")),
    ("bytes beyond ASCII in a name", get(b"X\xc3\xa4: 1")),
    ("a colon in front of a name", get(b":X-A: 1")),
    ("a field of 20 kB", get(b"X-A: " + b"a" * 20000)),
    ("fields of 100 kB", get(*[b"X-%d: " % i + b"a" * 990 for i in range(100)])),
    ("a name of 20 kB", get(b"X" * 20000 + b": 1")),
    # Bodies: where does the next request begin?
    ("Content-Length with a plus", sized(b"+5", b"abcde")),
    ("Content-Length with a minus", sized(b"-5", b"abcde")),
    ("Content-Length in hex", sized(b"0x5", b"abcde")),
    ("Content-Length with a letter", sized(b"5a", b"abcde")),
    ("Content-Length with a point", sized(b"5.0", b"abcde")),
    ("an empty Content-Length", sized(b"", b"")),
    ("a list in Content-Length", sized(b"5, 5", b"abcde")),
    ("a Content-Length of two words", sized(b"5 5", b"abcde")),
    ("a Content-Length beyond 64 bits", sized(b"18446744073709551621", b"abcde")),
    ("a Content-Length beyond 63 bits", sized(b"9223372036854775813", b"abcde")),
    ("two Content-Lengths", sized(b"5", b"abcde", b"Content-Length: 6")),
    ("two Content-Lengths that are the same", sized(b"5", b"abcde", b"Content-Length: 5")),
    ("Content-Length beside chunks", chunked(b"0\r\n\r\n", b"Content-Length: 5")),
    ("Content-Length beside chunks with GET", get(b"Content-Length: 5", b"Transfer-Encoding: chunked") + b"0\r\n\r\n"),
    ("chunks with HTTP/1.0", get(b"Transfer-Encoding: chunked", version=b"HTTP/1.0") + b"0\r\n\r\n"),
    ("an unknown coding", get(b"Transfer-Encoding: xchunked", method=b"POST") + b"0\r\n\r\n"),
    ("chunked, then identity", get(b"Transfer-Encoding: chunked, identity", method=b"POST") + b"0\r\n\r\n"),
    ("identity", get(b"Transfer-Encoding: identity", method=b"POST") + b""),
    ("chunked twice", get(b"Transfer-Encoding: chunked, chunked", method=b"POST") + b"0\r\n\r\n"),
    ("two Transfer-Encodings", chunked(b"0\r\n\r\n", b"Transfer-Encoding: identity")),
    ("two Transfer-Encodings with GET",
     get(b"Transfer-Encoding: chunked", b"Transfer-Encoding: chunked") + b"0\r\n\r\n"),
    ("chunked in quotes", get(b'Transfer-Encoding: "chunked"', method=b"POST") + b"0\r\n\r\n"),
    ("chunked behind a vertical tab", get(b"Transfer-Encoding: \x0bchunked", method=b"POST") + b"0\r\n\r\n"),
    ("chunked with a parameter", get(b"Transfer-Encoding: chunked;a=b", method=b"POST") + b"0\r\n\r\n"),
    ("an empty Transfer-Encoding", get(b"Transfer-Encoding:", method=b"POST") + b"0\r\n\r\n"),
    ("a chunk without a size", chunked(b"\r\nabc\r\n0\r\n\r\n")),
    ("a chunk's size that is no number", chunked(b"zz\r\nabc\r\n0\r\n\r\n")),
    ("a chunk's size with 0x", chunked(b"0x3\r\nabc\r\n0\r\n\r\n")),
    ("a chunk's size with a minus", chunked(b"-3\r\nabc\r\n0\r\n\r\n")),
    ("a chunk's size with a plus", chunked(b"+3\r\nabc\r\n0\r\n\r\n")),
    ("a chunk's size beyond 64 bits", chunked(b"10000000000000003\r\nabc\r\n0\r\n\r\n")),
    ("a chunk's size of 17 digits", chunked(b"00000000000000003\r\nabc\r\n0\r\n\r\n")),
    ("a chunk longer than its size", chunked(b"3\r\nabcd\r\n0\r\n\r\n")),
    ("a chunk shorter than its size", chunked(b"5\r\nabc\r\n0\r\n\r\n")),
    ("a chunk that ends in LF LF", chunked(b"3\r\nabc\n\n0\r\n\r\n")),
    ("a chunk's size that ends in LF", chunked(b"3\nabc\r\n0\r\n\r\n")),
    ("chunks that hide a request", chunked(b"0\r\n\r\n" + HIDDEN, b"Content-Length: %d" % (5 + len(HIDDEN)))),
    ("a NUL in a chunk's extension", chunked(b"3;a=\0\r\nabc\r\n0\r\n\r\n")),
    ("a trailer without a colon", chunked(b"3\r\nabc\r\n0\r\nX\r\n\r\n")),
    # Others.
    ("an unknown expectation", get(b"Expect: 200-ok")),
    ("empty lines without end", b"\r\n" * 2000),
    ("a range that is no range", get(b"Range: bytes=9-1")),
    ("a range of letters", get(b"Range: bytes=a-b")),
    ("a range without numbers", get(b"Range: bytes=-")),
    ("a range beyond 64 bits", get(b"Range: bytes=0-18446744073709551617")),
    ("a list of a range and a word", get(b"Range: bytes=0-1,x")),
    ("a range with a sign", get(b"Range: bytes=+1-2")),
    ("a Host with two dots in a row", get(host=b"Host: a..b\r\n")),
    ("a Host with an open bracket", get(host=b"Host: [::1\r\n")),
    ("a Host with a port of letters", get(host=b"Host: x:http\r\n")),
    ("a Host with two ports", get(host=b"Host: x:1:2\r\n")),
    ("a Host with a login", get(host=b"Host: user@x\r\n")),
    ("ranges without end", get(b"Range: bytes=" + b",".join(b"0-%d" % i for i in range(900)))),
    ("the request of another protocol", b"SSH-2.0-OpenSSH_9.2\r\n\r\n"),
    ("an order to a mail server", b"EHLO x\r\nMAIL FROM:<a@x>\r\n\r\n"),
]


def ask(port, request):
    """The statuses of the answers, then "closed" or "open"."""
    with socket.create_connection(("127.0.0.1", port), 20) as peer:
        try:
            peer.sendall(request + MARK)
            peer.shutdown(socket.SHUT_WR)
        except OSError:
            pass
        answer = b""
        try:
            while piece := peer.recv(65536):
                answer += piece
        except OSError:
            pass
    statuses = [int(s) for s in re.findall(rb"HTTP/1\.[01] (\d\d\d) ", answer)]
    if answer and not answer.startswith(b"HTTP/1."):
        statuses.insert(0, 200)  # HTTP/0.9: a body alone
    return [s for s in statuses if s != 100]


def is_refusal(statuses):
    return not statuses or statuses[0] >= 400


def is_laxer(ours, theirs):
    if is_refusal(theirs) and not is_refusal(ours):
        return True
    return len(ours) > max(len(theirs), 1) and not is_refusal(ours)


def shown(statuses):
    return ", ".join(map(str, statuses)) if statuses else "no answer"


def main():
    ours, theirs = int(sys.argv[1]), int(sys.argv[2])
    table = sys.argv[3:] == ["--table"]
    assert ask(ours, get()) == ask(theirs, get()) == [200, 200], "a well-formed request"
    lax = []
    if table:
        print("| request | wasme serve | nginx |\n|---|---|---|")
    for name, request in REQUESTS:
        answers = ask(ours, request), ask(theirs, request)
        if table:
            print("| %s | %s | %s |" % (name, *map(shown, answers)))
        if is_laxer(*answers):
            lax.append("laxer: %s: %s, where nginx: %s" % (name, *map(shown, answers)))
    for line in lax:
        print(line, file=sys.stderr)
    print("%d malformed requests" % len(REQUESTS), file=sys.stderr)
    return 1 if lax else 0


sys.exit(main())
