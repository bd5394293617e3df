#!/usr/bin/env python3
"""A forward proxy that knows names which nobody else does.

    proxy.py --port-file FILE --log FILE [--user U --password P] NAME:PORT=HOST:PORT...

Writes its port to FILE once it listens on 127.0.0.1. It passes on requests in absolute form and
tunnels by CONNECT, to the hosts named and to no other (403). Each request is a line of the log:

    METHOD TARGET HEADER...      the names of its header fields, in lower case
"""
import argparse
import base64
import os
import socket
import threading
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

HOP_BY_HOP = ("connection", "proxy-authorization", "proxy-connection", "transfer-encoding")


class Proxy(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def arrive(self, name):
        """Where the name leads; None when the request is answered already."""
        names = sorted(field.lower() for field in self.headers)
        with self.server.lock, open(self.server.args.log, "a", encoding="ascii") as log:
            log.write("%s %s %s\n" % (self.command, self.path, " ".join(names)))
        if self.server.credential and self.server.credential != self.headers.get("Proxy-Authorization"):
            self.refuse(407, Proxy_Authenticate='Basic realm="proxy"')
        elif name not in self.server.names:
            self.refuse(403)
        else:
            return self.server.names[name]
        return None

    def refuse(self, status, **fields):
        self.send_response(status)
        for name, value in fields.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def pass_on(self):
        url = urlsplit(self.path)
        there = self.arrive(url.netloc if url.port else url.netloc + ":80")
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        if not there:
            return
        fields = {k: v for k, v in self.headers.items() if k.lower() not in HOP_BY_HOP}
        connection = HTTPConnection(there)
        connection.request(self.command, url.path + ("?" + url.query if url.query else ""),
                           body or None, fields)
        answer = connection.getresponse()
        data = answer.read()
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in HOP_BY_HOP + ("content-length",):
                self.send_header(name, value)
        length = answer.getheader("Content-Length", "0") if self.command == "HEAD" else len(data)
        self.send_header("Content-Length", str(length))
        self.end_headers()
        self.wfile.write(data)
        connection.close()

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = pass_on

    def do_CONNECT(self):
        there = self.arrive(self.path)
        if not there:
            return
        host, port = there.rsplit(":", 1)
        with socket.create_connection((host, int(port))) as other:
            self.send_response(200)
            self.end_headers()
            back = threading.Thread(target=pump, args=(other, self.connection), daemon=True)
            back.start()
            pump(self.connection, other)
            back.join()
        self.close_connection = True


def pump(source, target):
    try:
        while True:
            data = source.recv(65536)
            if not data:
                break
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        pass  # a client that goes away is no news


def main():
    parser = argparse.ArgumentParser(description="a forward proxy that knows names of its own")
    parser.add_argument("--port-file", required=True)
    parser.add_argument("--log", required=True)
    parser.add_argument("--user", default="")
    parser.add_argument("--password", default="")
    parser.add_argument("names", nargs="*", metavar="NAME:PORT=HOST:PORT")
    args = parser.parse_args()
    server = Server(("127.0.0.1", 0), Proxy)
    server.args = args
    server.lock = threading.Lock()
    server.names = dict(name.split("=", 1) for name in args.names)
    secret = (args.user + ":" + args.password).encode()
    server.credential = "Basic " + base64.b64encode(secret).decode() if args.user else ""
    with open(args.port_file + ".new", "w", encoding="ascii") as out:
        out.write("%d\n" % server.server_port)
    os.rename(args.port_file + ".new", args.port_file)
    server.serve_forever()


if __name__ == "__main__":
    main()
