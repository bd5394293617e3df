#!/usr/bin/env python3
"""A forward proxy that resolves names which no other machine knows.

    proxy.py --port-file FILE --log FILE [--user U --password P] NAME:PORT=HOST:PORT...

Writes its port to FILE once it listens on 127.0.0.1. The proxy forwards requests in absolute form and
tunnels by CONNECT, only to the named hosts; for other hosts the answer is 403. Each request is a line of the log:

    METHOD TARGET HEADER...      the names of its header fields, in lower case
"""
import socket
import threading
from http.client import HTTPConnection
from urllib.parse import urlsplit

from skeleton import Handler, State, basic, listen, parser_of, run

HOP_BY_HOP = ("connection", "proxy-authorization", "proxy-connection", "transfer-encoding")


class Names(State):
    def __init__(self, args):
        super().__init__(args)
        self.names = dict(name.split("=", 1) for name in args.names)
        self.credential = basic(args.user, args.password) if args.user else ""


class Proxy(Handler):
    timeout = None  # a tunnel may be silent for as long as its ends like

    def arrive(self, name):
        """Where the name leads; None when the request is answered already."""
        names = sorted(field.lower() for field in self.headers)
        self.state.log(self.command, self.path, *names)
        credential = self.state.credential
        if credential and credential != self.headers.get("Proxy-Authorization"):
            self.answer(407, Proxy_Authenticate='Basic realm="proxy"')
        elif name not in self.state.names:
            self.answer(403)
        else:
            return self.state.names[name]
        return None

    def pass_on(self):
        url = urlsplit(self.path)
        there = self.arrive(url.netloc if url.port else url.netloc + ":80")
        body = self.body()
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
            self.head(200)
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


def main():
    parser = parser_of(__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME:PORT=HOST:PORT")
    args = parser.parse_args()
    run(args, listen(Proxy, Names(args), port=args.port).server_port)


if __name__ == "__main__":
    main()
