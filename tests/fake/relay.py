#!/usr/bin/env python3
"""Stands for a long way between a client and a server: delays each byte, or counts round trips.

    relay.py --port-file FILE --target PORT --rtt MILLISECONDS [--cut BYTES]
    relay.py --port-file FILE --target PORT --log FILE [--watch PID]... [--requests FILE]

Listens on 127.0.0.1 and passes all bytes on to TARGET on the same machine. The way loses nothing, and
its bandwidth has no limit. Opening a connection costs one round trip, as the handshake of TCP does.

--rtt: each byte, and the end of each stream, arrives half a round trip later. --cut: the first connection
that carries more than BYTES to the server breaks, at both ends.

--log: time plays no part. The relay holds all bytes back and moves them in turns. In each turn the
client works until it can do nothing more without an answer. Then all that the client has sent goes to the
server at once. The server works until it has answered everything. Then all answers go to the client at
once, and the round trip is over. So what a client can ask at once is one round trip, and what it asks
after an answer is one more, however slow the machine is. quiet.py tells who still works. Each
round trip is a line of the log, which is there before the client has the answers:

    NUMBER opened=N up=BYTES down=BYTES [REQUEST, REQUEST...]

NUMBER begins with 1 when no other connection is open. REQUEST is a line that the server has written to
the file of --requests during this turn. A turn counts when it opens a connection or brings bytes to a
connection that the client has not closed.
"""
import asyncio
import collections
import os
import selectors
import socket

from quiet import Watch
from skeleton import parser_of, say

END, BROKEN = b"", None  # what a stream carries after its last byte


class Side(asyncio.Protocol):
    """One socket of a line: what comes in there is handed to the way."""

    def __init__(self, line, other):
        self.line, self.other, self.transport, self.ended = line, other, None, False
        self.early = []  # what arrived before the relay was connected

    def connection_made(self, transport):
        self.transport = transport
        for data in self.early:
            self.arrive(data)

    def data_received(self, data):
        self.line.way.sends(self.line, self.other, data)

    def eof_received(self):
        self.ended = True
        self.line.way.sends(self.line, self.other, END)
        return True  # the other direction stays open

    def connection_lost(self, exc):
        if not self.ended:
            self.ended = True
            self.line.way.sends(self.line, self.other, BROKEN)

    def arrive(self, data):
        """`data` has come to this end of the way."""
        if not self.transport:
            self.early.append(data)
        elif self.transport.is_closing():
            pass
        elif data is BROKEN:
            self.transport.abort()
        elif data == END:
            self.transport.write_eof()
            if self.ended:
                self.transport.close()
        else:
            self.transport.write(data)

    def unsent(self):
        return bool(self.transport) and self.transport.get_write_buffer_size() > 0


class Client(Side):
    def connection_made(self, transport):
        super().connection_made(transport)
        self.line.way.begins(self.line)


class Line:
    """A connection of a client, and the relay's own to the server: sides "client" and "server"."""

    def __init__(self, way):
        self.way = way
        self.client, self.server = Client(self, "server"), Side(self, "client")

    async def connect(self):
        try:
            await asyncio.get_running_loop().create_connection(
                lambda: self.server, "127.0.0.1", self.way.target)
        except OSError:
            self.client.arrive(BROKEN)

    def side(self, name):
        return self.client if name == "client" else self.server


class Delay:
    """Each piece arrives half a round trip after it was sent."""

    def __init__(self, args):
        self.target, self.rtt, self.cut = args.target, args.rtt / 1000, args.cut
        self.loop = asyncio.get_running_loop()
        self.under_way = collections.defaultdict(collections.deque)
        self.open_at = {}
        self.carried = collections.Counter()

    def begins(self, line):
        self.open_at[line] = self.loop.time() + self.rtt
        self.loop.call_later(self.rtt / 2, lambda: self.loop.create_task(line.connect()))

    def sends(self, line, to, data):
        if to == "server" and self.cuts(line, data):
            line.client.arrive(BROKEN)
            line.server.arrive(BROKEN)
            return
        # A client believes that it is connected at once: its first bytes wait for the handshake.
        begun = max(self.loop.time(), self.open_at[line])
        self.under_way[line, to].append(data)
        self.loop.call_at(begun + self.rtt / 2, self.arrives, line, to)

    def cuts(self, line, data):
        self.carried[line] += len(data or b"")
        if self.cut is None or self.carried[line] <= self.cut:
            return False
        self.cut = None
        return True

    def arrives(self, line, to):
        line.side(to).arrive(self.under_way[line, to].popleft())


class Count:
    """Moves everything in turns, and writes a line for each round trip."""

    def __init__(self, args):
        self.target, self.log, self.requests = args.target, args.log, args.requests
        self.watch = Watch(args.watch)
        self.lines, self.opening = [], []
        self.under_way = {"server": [], "client": []}
        self.number = 0
        self.stirred = asyncio.Event()
        self.task = asyncio.get_running_loop().create_task(self.turns())
        self.seen = 0
        self.new_requests()

    def begins(self, line):
        if not self.lines:
            self.number = 0
        self.lines.append(line)
        self.opening.append(line)
        self.watch.add_client(line.client.transport.get_extra_info("peername")[1])
        self.stir()

    def sends(self, line, to, data):
        self.under_way[to].append((line, data))
        if to == "server" and not data and line in self.lines:
            self.lines.remove(line)
        self.stir()

    def stir(self):
        self.watch.moved = True
        self.stirred.set()

    def busy(self):
        return any(line.client.unsent() or line.server.unsent() for line in self.lines)

    async def turns(self):
        while True:
            await self.stirred.wait()
            await self.watch.all_asleep(self.busy)
            self.stirred.clear()
            if self.opening or self.under_way["server"] or self.under_way["client"]:
                await self.turn()

    async def turn(self):
        """The client waits. Takes what it sent to the server, and the answers back."""
        opening, self.opening = self.opening, []
        sent, self.under_way["server"] = self.under_way["server"], []
        held = [(line, data) for line, data in sent if line in opening]
        up = self.deliver("server", [piece for piece in sent if piece[0] not in opening])
        await asyncio.gather(*(line.connect() for line in opening))
        self.watch.moved = True
        await self.watch.all_asleep(self.busy)
        answers, self.under_way["client"] = self.under_way["client"], []
        # What was sent on a connection that is only now open begins its way in the next turn.
        self.under_way["server"] = held + self.under_way["server"]
        awaited = sum(len(data) for line, data in answers if data and line in self.lines)
        ended = any(not data and line in self.lines for line, data in answers)
        if opening or awaited or ended:
            self.note(len(opening), up, awaited)
        self.deliver("client", answers)
        if held:
            self.stir()

    @staticmethod
    def deliver(to, pieces):
        for line, data in pieces:
            line.side(to).arrive(data)
        return sum(len(data) for _, data in pieces if data)

    def note(self, opened, up, down):
        self.number += 1
        with open(self.log, "a", encoding="utf-8") as log:
            log.write("%d opened=%d up=%d down=%d%s\n" % (
                self.number, opened, up, down,
                "".join(", " + line for line in self.new_requests()).replace(",", "", 1)))

    def new_requests(self):
        """The whole lines that the server has added to its log."""
        if not self.requests or not os.path.exists(self.requests):
            return []
        with open(self.requests, "rb") as file:
            file.seek(self.seen)
            text = file.read()
        text = text[:text.rfind(b"\n") + 1]
        self.seen += len(text)
        return text.decode("utf-8", "replace").splitlines()


async def serve(args):
    way = Delay(args) if args.rtt is not None else Count(args)

    server = await asyncio.get_running_loop().create_server(
        lambda: Line(way).client, "127.0.0.1", args.port, backlog=200)
    say(args, server.sockets[0].getsockname()[1])
    await server.serve_forever()


def main():
    parser = parser_of(__doc__)
    parser.add_argument("--target", type=int, required=True)
    parser.add_argument("--rtt", type=float)
    parser.add_argument("--cut", type=int)
    parser.add_argument("--watch", type=int, action="append", default=[])
    parser.add_argument("--requests")
    args = parser.parse_args()
    if args.rtt is None and not args.log:
        parser.error("--rtt or --log says what the relay is for")
    # epoll would round each delay up to a millisecond.
    loop = asyncio.SelectorEventLoop(selectors.SelectSelector())
    asyncio.set_event_loop(loop)
    try:
        loop.run_until_complete(serve(args))
    except KeyboardInterrupt:
        pass


if __name__ == "__main__":
    main()
