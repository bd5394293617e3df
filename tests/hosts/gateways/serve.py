#!/usr/bin/env python3
"""A registry that has the images of images.py, each in a repository of its name.

    serve.py --port-file FILE

FILE gets the port of 127.0.0.1; standard output then has a line for each image: its name, a tab, its reference.
The registry sends what a case says, be it right or not; nothing is checked.
"""
import argparse
import os
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import images


class Server(ThreadingHTTPServer):
    def handle_error(self, request, client_address):
        pass  # a client that goes away is none


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    cases = {}

    def answer(self, status, kind, body, chunked=False):
        self.send_response(status)
        if kind:
            self.send_header("Content-Type", kind)
        if chunked:
            self.send_header("Transfer-Encoding", "chunked")
        else:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command == "HEAD":
            return
        if isinstance(body, images.Long):
            for piece in body.pieces():
                self.wfile.write(piece)
            return
        if chunked:
            body = b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body) if body else b"0\r\n\r\n"
        self.wfile.write(body)

    def do_GET(self):
        words = self.path.split("/")
        if self.path == "/v2/":
            return self.answer(200, "application/json", b"{}")
        case = self.cases.get(words[2]) if len(words) == 5 else None
        if case and words[3] == "manifests" and words[4] in case.manifests:
            return self.answer(200, *case.manifests[words[4]])
        if case and words[3] == "blobs" and words[4] in case.blobs:
            return self.answer(200, "application/octet-stream", case.blobs[words[4]], case.chunked)
        return self.answer(404, "application/json", b'{"errors":[{"code":"NAME_UNKNOWN","message":"not here"}]}',
                           bool(case and case.chunked))

    do_HEAD = do_GET

    def log_message(self, *_):
        pass


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--port-file", required=True)
    args = parser.parse_args()
    Handler.cases = {case.name: case for case in images.cases()}
    server = Server(("127.0.0.1", 0), Handler)
    port = server.server_address[1]
    for case in Handler.cases.values():
        print("%s\t127.0.0.1:%d/%s%s" % (case.name, port, case.name, case.reference))
    sys.stdout.flush()
    with open(args.port_file + ".new", "w", encoding="ascii") as out:
        out.write("%d\n" % port)
    os.rename(args.port_file + ".new", args.port_file)
    server.serve_forever()


if __name__ == "__main__":
    main()
